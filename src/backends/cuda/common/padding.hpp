// The channels that a packed layout adds to a value: they hold the zero point.
#pragma once

#include <cuda_runtime.h>

#include <octet/tensor.hpp>

#include "backends/cuda/common/strides.hpp"

namespace octet::cuda {

struct PaddingParams {
  int n, c, padded_c, h, w;  // logical and added channels: c .. padded_c
  Strides to;
  int element_bytes;  // 1, 2, 4 or 8
  int fill;

  bool nothing() const { return padded_c == c; }
};

// nothing() where the layout adds none.
PaddingParams padding_of(const TensorType& type);

// For kernels that write what lies in memory without asking which channel it is.
void launch_fill_padding(const PaddingParams& params, void* y, cudaStream_t stream);

}  // namespace octet::cuda
