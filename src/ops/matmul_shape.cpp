#include "ops/matmul_shape.hpp"

#include "ops/elementwise.hpp"
#include "ops/operands.hpp"
#include "ops/require.hpp"

namespace octet {
namespace {

// The last two axes of an operand after its transpose; a vector is one row (a) or one column (b).
struct Matrix {
  std::int64_t rows = 1, columns = 1;
  Shape batch;
};

Matrix matrix_of(const Shape& shape, bool transposed, bool is_left, std::string_view name) {
  require(shape.rank() >= 1, "the ", name, " operand of a matrix product is a scalar");
  Matrix matrix;
  if (shape.rank() == 1) {
    require(!transposed, "the ", name, " operand of a matrix product is a vector to be transposed");
    (is_left ? matrix.columns : matrix.rows) = shape[0];
    return matrix;
  }
  const std::size_t last = shape.rank() - 1;
  matrix.rows = shape[transposed ? last : last - 1];
  matrix.columns = shape[transposed ? last - 1 : last];
  matrix.batch = Shape(shape.extents().first(last - 1));
  return matrix;
}

}  // namespace

MatMulShape MatMulShape::make(const MatMul& op, const Shape& a, const Shape& b) {
  const Matrix left = matrix_of(a, op.transpose_a, true, "left");
  const Matrix right = matrix_of(b, op.transpose_b, false, "right");
  require(left.columns == right.rows, "a matrix product of ", a,
          op.transpose_a ? " transposed" : "", " and ", b, op.transpose_b ? " transposed" : "",
          " sums over ", left.columns, " and ", right.rows, " elements");
  MatMulShape shape;
  shape.m = left.rows;
  shape.n = right.columns;
  shape.k = left.columns;
  shape.batch_a = left.batch;
  shape.batch_b = right.batch;
  shape.batch = broadcast(left.batch, right.batch);
  shape.output = shape.batch;
  if (a.rank() > 1) shape.output.push_back(shape.m);
  if (b.rank() > 1) shape.output.push_back(shape.n);
  return shape;
}

std::int64_t broadcast_offset(const Shape& source, const Shape& shape, std::int64_t i) {
  std::int64_t offset = 0, stride = 1;
  for (std::size_t back = 1; back <= source.rank(); ++back) {
    const std::int64_t extent = source[source.rank() - back];
    const std::int64_t whole = shape[shape.rank() - back];
    if (extent != 1) offset += i % whole * stride;
    i /= whole;
    stride *= extent;
  }
  return offset;
}

}  // namespace octet
