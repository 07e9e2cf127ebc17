// Chains and trees of elementwise operators on real numbers, an element at a time.
#pragma once

#include <cuda_runtime.h>

#include "backends/cuda/common/walk.hpp"
#include "ops/convert_step.hpp"
#include "ops/element_format.hpp"
#include "ops/elementwise_mode.hpp"

namespace octet::cuda {

inline constexpr int kMostChainOperands = 6, kMostChainSteps = 8;

// A program on registers that hold elements as they are stored: the bits of an f32, or an integer.
// Registers 0 .. kMostChainOperands - 1 are the operands, then each step has one of its own.
struct ChainStep {
  bool converts;  // by `conversion`, else by `function`
  ElementwiseFunction function;
  ConvertStep conversion;
  int count;  // of its sources, registers
  int sources[4];
};

struct ChainParams {
  long long count;
  int operands, steps;
  bool same;                       // every operand lies as the output does
  Walk walks[kMostChainOperands];  // else where operands lie, over the output's axes
  ElementFormat formats[kMostChainOperands + kMostChainSteps];  // of the registers
  ChainStep program[kMostChainSteps];
};

struct ChainOperands {
  const void* data[kMostChainOperands];
};

void launch_chain(const ChainParams& params, const ChainOperands& operands, void* y,
                  cudaStream_t stream);

}  // namespace octet::cuda
