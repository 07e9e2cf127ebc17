// Quantising and dequantising by scales that are computed in the graph.
#pragma once

#include <cuda_runtime.h>

#include "ops/channel_rows.hpp"
#include "ops/quantiser.hpp"

namespace octet::cuda {

struct QuantizeByInputParams {
  bool dequantize;
  DType integers, zero_points;
  ChannelRows rows;
  Quantiser quantiser;  // but for its factor and zero point
};

// `zero_points` may be nullptr: all are 0.
void launch_quantize_by_input(const QuantizeByInputParams& params, const void* x,
                              const float* scales, const void* zero_points, void* y,
                              cudaStream_t stream);

// ONNX DynamicQuantizeLinear of `count` values; `quantiser` but for its factor and zero point.
void launch_dynamic_quantize(const Quantiser& quantiser, const float* x, long long count,
                             std::uint8_t* y, float* scale, std::uint8_t* zero_point,
                             cudaStream_t stream);

}  // namespace octet::cuda
