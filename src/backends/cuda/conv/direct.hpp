// The convolution that accepts everything: one thread per output element, any layout, any type, any
// kind of filter.
#pragma once

#include <cuda_runtime.h>

#include "backends/cuda/common/epilogue_params.hpp"
#include "backends/cuda/common/strides.hpp"
#include "backends/cuda/conv/geometry.hpp"

namespace octet::cuda {

// Where the tap of output channel k of group g, input channel c of the group, row r and column s
// lies, in elements: the sum of each times its step, and at output position (h, w) region
// (h / region_h, w / region_w) has a filter of its own.
struct FilterSteps {
  long long n, group, k, c, r, s, row, column;
  int region_h, region_w;
};

struct DirectConvParams {
  ConvGeometry g;
  FilterSteps filter;
  bool transposed;  // the gradient of a convolution: strides and pads are those of the output
  int k_memory;     // output channels that y has in memory; those beyond g.k get the zero point
  Strides x, y, z;
  EpilogueParams epilogue;
  bool x_unsigned, w_unsigned, z_unsigned;
  int x_zero_point;
  const int* w_zero_points;  // per output channel in device memory, or nullptr: all 0
  bool sum_output;           // store the bare sum, s32
};

void launch_direct_conv(const DirectConvParams& params, const void* x, const void* w, const void* z,
                        void* y, cudaStream_t stream);
// `activation` follows the float sum; bias {k} and z may be nullptr.
void launch_direct_conv_f32(const DirectConvParams& params, const float* x, const float* w,
                            const float* bias, const float* z, float* y, cudaStream_t stream);

}  // namespace octet::cuda
