// Conversions between any two types, with a scale per channel on either side, in any layouts.
#pragma once

#include <cuda_runtime.h>

#include "backends/cuda/common/strides.hpp"
#include "ops/convert_step.hpp"

namespace octet::cuda {

struct ConvertAnyParams {
  DType from, to;
  const ConvertStep* steps;  // one per channel, in device memory
  long long count;
  // Where the values lie alike, elements are counted as they lie, as {outer, channels, inner};
  // else as (n, c, h, w), and `axis` is the one along which the steps vary, or -1.
  bool alike;
  ChannelRows rows;
  int axis, c, h, w;
  Strides x, y;
};

void launch_convert_any(const ConvertAnyParams& params, const void* x, void* y,
                        cudaStream_t stream);

}  // namespace octet::cuda
