// What becomes of the sums where several blocks share a tile of the implicit GEMM. Integer sums are
// the same in any order, so the bits do not depend on the split.
#pragma once

#include "backends/cuda/conv/mma/implicit_gemm.hpp"

namespace octet::cuda {

// Bare sums in memory: [count][rows][width], s32. Rows are output pixels, a row's entries are
// output channels, both filled up to whole tiles.
struct GemmParts {
  const int* sums;
  int count, rows, width;
};

// Adds the parts up and sends each sum through the epilogue to y.
void launch_finish_parts(const ImplicitGemmParams& params, const GemmParts& parts,
                         const std::int8_t* z, void* y, cudaStream_t stream);

}  // namespace octet::cuda
