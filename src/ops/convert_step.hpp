// The arithmetic of Convert, for one element.
#pragma once

#include <octet/tensor.hpp>

#include "ops/channel_rows.hpp"
#include "ops/quantiser.hpp"

namespace octet {

// How one channel is converted: the stored number x becomes v = (x - zero_point) * factor in
// binary32, and v becomes an integer by `quantiser` or, without one, an element of the real value.
struct ConvertStep {
  std::int32_t zero_point = 0;
  float factor = 1.0f;
  bool scaled = false;  // false: the stored number is the value
  bool quantises = false;
  Quantiser quantiser;

  // Of channel k.
  static ConvertStep make(const TensorType& x, const TensorType& y, QuantRule rule, std::size_t k);

  OCTET_DEVICE float real(float stored) const noexcept {
    return scaled ? (stored - static_cast<float>(zero_point)) * factor : stored;
  }
};

// The channels of a conversion: one where neither type has a scale per channel.
ChannelRows convert_rows(const TensorType& x, const TensorType& y);

}  // namespace octet
