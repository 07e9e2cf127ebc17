// Random first layers as sub-graphs, for tests of the kernel that runs them as a whole.
#pragma once

#include "ops/attributes.hpp"
#include "support/random_case.hpp"

namespace octet::testing {

// input {N,1..3,H,W} f32, s8 or u8 -> NHWC4 -> convolution of stride 2 -> perhaps a maximum pool.
// Mostly what the kernel takes.
Case random_stem(Random& random);

// To 8 bits in NHWC4, from f32 or from the same bytes in the default layout.
ValueId add_bring(Graph& graph, ValueId x, const OutputSpec& q, bool onnx);

// Makes some values of an f32 tensor NaN, infinite, huge or tiny.
void scatter_odd_floats(Random& random, Tensor& x);

}  // namespace octet::testing
