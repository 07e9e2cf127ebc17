// The layouts that kernel families have rows for.
#pragma once

#include <array>
#include <octet/tensor.hpp>

namespace octet::cuda {

struct NamedLayout {
  const char* name;  // as it stands in a row's name
  Layout layout;
};
inline constexpr std::array<NamedLayout, 5> kRowLayouts{{{"nhwc", kNHWC},
                                                         {"nhwc4", kNHWC4},
                                                         {"nchw4", kNCHW4},
                                                         {"nchw32", kNCHW32},
                                                         {"chwn4", kCHWN4}}};

// Whether groups of four channels of a pixel (or image) lie in words of their own.
inline bool fours_side_by_side(const TensorType& type) {
  if (type.layout == kNHWC) return type.shape[1] % 4 == 0;
  return type.layout.vector % 4 == 0;
}

// Whether all channels of a pixel lie side by side. With whole groups of four NHWC4 is the same
// bytes as NHWC.
inline bool is_nhwc(const TensorType& type) {
  return type.layout == kNHWC || type.layout == kNHWC4;
}

}  // namespace octet::cuda
