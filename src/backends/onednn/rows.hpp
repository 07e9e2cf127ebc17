// The oneDNN kernels, in the order in which they should be tried.
#pragma once

#include "kernels/kernel.hpp"

namespace octet::onednn {

// Integer products with oneDNN's own epilogue; for --numerics fast alone.
std::vector<Kernel> conv_fused_rows();
// Exact integer sums with our epilogue behind them.
std::vector<Kernel> conv_sums_rows();
std::vector<Kernel> conv_float_rows();
std::vector<Kernel> matmul_float_rows();

// The threads that the context of a run allows.
int threads_of(ExecutionContext* context);

}  // namespace octet::onednn
