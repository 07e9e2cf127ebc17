// What cuDNN is asked to do for a Conv2d problem. Plain C++, tested without a GPU.
#pragma once

#include <vector>

#include "backends/cudnn/conv_spec.hpp"
#include "kernels/kernel.hpp"
#include "ops/epilogue.hpp"

namespace octet::cudnn {

// Whether the sums can come from cuDNN, or the reason why not.
Verdict check_sums(const Problem& problem);
// Whether cuDNN's own epilogue comes within one step of ours.
Verdict check_fused(const Problem& problem);

ConvSpec conv_spec(const Problem& problem, bool fused);

// The epilogue of the fused form, brought to the step of y: y = round(sum * scale + bias (+ z *
// z_scale)).
struct FusedConstants {
  std::vector<float> scale, bias;  // per output channel
  float z_scale = 0.0f;
};
FusedConstants fused_constants(const Epilogue& epilogue);

// Expected microseconds of the plan of a rank, from the work alone.
double estimate_conv(const Problem& problem, bool fused, std::size_t rank);

}  // namespace octet::cudnn
