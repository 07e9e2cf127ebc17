// Floats and 32-bit integers to quantised numbers, with a change of layout on the way.
#pragma once

#include <cuda_runtime.h>

#include "backends/cuda/common/epilogue_params.hpp"
#include "backends/cuda/common/strides.hpp"

namespace octet::cuda {

struct ConvertParams {
  long long count;
  bool from_integer;  // s32 instead of f32
  bool scaled;        // v = fl(x * factor) before the step (an s32 that is quantised itself)
  float factor;
  QuantiserParams quantiser;
  int to_bytes;   // 1 (an 8-bit integer) or 4 (s32)
  bool to_float;  // store v itself
};

// From f32 in one layout to bytes in another.
struct ConvertRelayoutParams {
  int n, c, h, w;
  int padded_c;        // channels the output has in memory, a multiple of 4
  bool images_inside;  // neighbours in the output are images (CHWN4)
  Strides from, to;
  QuantiserParams quantiser;
};

void launch_convert_relayout(const ConvertRelayoutParams& params, const float* x, signed char* y,
                             cudaStream_t stream);
void launch_convert(const ConvertParams& params, const void* x, void* y, cudaStream_t stream);

}  // namespace octet::cuda
