// Elementwise functions of f32 values with broadcasting.
#pragma once

#include <cuda_runtime.h>

#include "backends/cuda/elementwise/table.hpp"

namespace octet::cuda {

// The functions that have a kernel; others run as the host computes them.
enum class FloatFunction : int {
  identity,
  abs,
  ceil,
  exp,
  floor,
  log,
  negate,
  reciprocal,
  relu,
  relu6,
  round,
  round_even,
  sigmoid,
  sqrt,
  square,
  tanh,
  h_swish,
  silu,
  leaky_relu,
  clip,
  sin,
  cos,
  add,
  sub,
  mul,
  div,
  min,
  max,
  prelu,
  add_relu,
  add_sigmoid,
  add_tanh,
  mul_add3,
  mul_add4,
};

struct FloatParams {
  BroadcastParams where;
  FloatFunction function;
  float alpha, beta;
};

void launch_float(const FloatParams& params, const float* const operands[4], float* y,
                  cudaStream_t stream);

}  // namespace octet::cuda
