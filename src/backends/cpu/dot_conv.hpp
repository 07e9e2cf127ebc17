// Dense and grouped convolutions as tiles of byte dot products with the epilogue behind each tile.
#pragma once

#include "backends/cpu/dot_weights.hpp"
#include "backends/cpu/padded_input.hpp"

namespace octet::cpu {

// Everything about a product that does not change from run to run.
struct DotProduct {
  ConvGeometry shape;
  PaddedInput input;
  DotWeights weights;
  PackedEpilogue epilogue;
  std::int64_t element_bytes = 1;  // of the output
};

// Operands at run time: x is input 0 and z, where there is one, input 3; both and the output are
// NHWC.
std::unique_ptr<Executable> make_dot_conv(DotProduct product, const VectorKernels& kernels,
                                          int threads);

}  // namespace octet::cpu
