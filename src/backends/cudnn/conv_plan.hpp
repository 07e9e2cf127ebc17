// What cuDNN is asked to do for a Conv2d problem. Plain C++, tested without a GPU.
#pragma once

#include <vector>

#include "backends/cudnn/conv_spec.hpp"
#include "kernels/kernel.hpp"
#include "ops/epilogue.hpp"

namespace octet::cudnn {

// Whether cuDNN can convolve the operands as they lie, or the reason why not.
Verdict check_operands(const Problem& problem);
// Whether cuDNN's epilogue comes within one step of ours.
Verdict check_epilogue(const Problem& problem);

ConvSpec conv_spec(const Problem& problem);

// The epilogue, brought to the step of y: y = round(sum * scale + bias (+ z *
// z_scale)).
struct FusedConstants {
  std::vector<float> scale, bias;  // per output channel
  float z_scale = 0.0f;
};
FusedConstants fused_constants(const Epilogue& epilogue);

// Expected microseconds of the plan of a rank, from the work alone.
double estimate_conv(const Problem& problem, std::size_t rank);

}  // namespace octet::cudnn
