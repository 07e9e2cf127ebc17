// The extents of a matrix product by numpy's rules.
#pragma once

#include "ops/matmul.hpp"

namespace octet {

// Each operand is a stack of matrices, seen after its transpose: a is m x k, b is k x n.
struct MatMulShape {
  std::int64_t m = 1, n = 1, k = 0;
  Shape batch_a, batch_b, batch;  // leading axes, and what they broadcast to
  Shape output;                   // batch, then m and n where the operand is not a vector

  // Throws Error(invalid_model) with what does not fit.
  static MatMulShape make(const MatMul& op, const Shape& a, const Shape& b);
};

// Where the element with row-major index `i` of a shape lies in a value that broadcasts to it.
std::int64_t broadcast_offset(const Shape& source, const Shape& shape, std::int64_t i);

}  // namespace octet
