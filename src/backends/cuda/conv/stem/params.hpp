// The numbers of the kernel of a network's first layer.
#pragma once

#include <cuda.h>
#include <cuda_runtime.h>

#include <cstdint>

#include "backends/cuda/common/epilogue_params.hpp"
#include "backends/cuda/common/strides.hpp"
#include "backends/cuda/conv/wgmma/params.hpp"

namespace octet::cuda {

inline constexpr int kStemChannels = 64;  // output channels that a kernel makes

// bytes: x is quantised already. f32_mge: it becomes s8 with zero point 0 by MegEngine's rule.
// f32_onnx: it becomes s8 or u8 by the ONNX rule.
enum class StemInput : int { bytes, f32_mge, f32_onnx };

// An output by words of 4 channels (NCHW4, CHWN4), which threads store; y is null for layouts that
// the copy engine stores.
struct StemWordOutput {
  std::int8_t* y;
  Strides strides;
  int words, columns;  // of 4 channels; of the map
  int columns_of_tile;
};

// NCHW4 and CHWN4 are layouts of MegEngine's graphs.
constexpr bool stem_stores_words(WgmmaRule rule) { return rule != WgmmaRule::onnx; }

struct StemParams {
  const std::uint32_t* filter;  // wgmma fragments, see pack_stem_filter()
  const float* m;               // of 64 output channels, or a of their lines
  const std::int32_t* bias;  // of 64 output channels: ibias, or as bits fbias or b of their lines
  int h, w;                  // input
  int pad_top;
  int steps;           // pairs of convolution rows of an image
  int tiles;           // tiles of columns
  int units;           // images x tiles x steps
  int units_per_pair;  // what a pair of warpgroups does of them, one after the other
  int y_planes;        // of 32 channels, of an image of NCHW32; 0: another layout
  StemWordOutput words;
  QuantiserParams quantiser;  // of an f32 input
  std::uint32_t padding;      // four bytes of the input's zero point
  WgmmaStep step;             // to y
};

// Which of the compiled kernels a problem needs.
struct StemEpilogue {
  StemInput input;
  bool x_unsigned;  // what is multiplied, quantised
  WgmmaRule rule;
  // s8 with zero point 0, a ReLU, and a line from zero of each channel (wgmma/line.hpp): far fewer
  // instructions.
  bool lines;
  friend bool operator==(const StemEpilogue&, const StemEpilogue&) = default;
};
struct StemForm {
  StemEpilogue epilogue;
  int filter_rows;  // 3 or 7
  bool pool;
};

// The boxes in which the copy engine brings x (pixels x 4 rows x 3 channels) and takes y (rows x
// columns).
struct StemBoxes {
  int pixels, out_rows, out_columns;
};

struct StemKernel {
  void (*launch)(const StemParams& params, const CUtensorMap& x, const CUtensorMap& y,
                 cudaStream_t stream);
  StemBoxes boxes;
};

// The compiled kernel; its launch is nullptr where this combination is not built.
StemKernel stem_kernel(const StemForm& form);

}  // namespace octet::cuda
