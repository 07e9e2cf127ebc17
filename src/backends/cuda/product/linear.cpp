#include "backends/cuda/product/linear.hpp"

#include "ops/conv.hpp"
#include "ops/convert.hpp"
#include "ops/matmul.hpp"
#include "ops/product.hpp"

namespace octet::cuda {
namespace {

constexpr std::size_t kA = 0, kB = 1, kBias = 2;
// Tensor Cores take 16 channels at a time.
constexpr int kGroup = 16;

struct Extents {
  std::int64_t m, n, k, padded_k;
};

Extents extents_of(const Problem& problem) {
  const Shape& a = problem.inputs[kA].shape;
  const std::int64_t k = a.back();
  return {a.elements() / k, problem.outputs[0].shape.back(), k, (k + kGroup - 1) / kGroup * kGroup};
}

// A matrix as a map of one pixel an image; a scale per column is one per channel.
TensorType map_type(const TensorType& matrix, std::int64_t rows, std::int64_t channels,
                    const Layout& layout) {
  TensorType type{matrix.dtype, Shape{rows, channels, 1, 1}, layout, matrix.quant};
  if (type.quant && type.quant->axis >= 0) type.quant->axis = 1;
  return type;
}

TensorType input_type(const Problem& problem) {
  const Extents e = extents_of(problem);
  TensorType type = map_type(problem.inputs[kA], e.m, e.padded_k, kNHWC);
  type.quant = quant_of(problem.inputs[kA]);
  return type;
}

TensorType filter_type(const Problem& problem) {
  const Extents e = extents_of(problem);
  TensorType type{problem.inputs[kB].dtype, Shape{e.n, e.padded_k, 1, 1}, kNCHW,
                  quant_of(problem.inputs[kB])};
  if (type.quant->axis >= 0) type.quant->axis = 0;
  return type;
}

}  // namespace

Verdict check_linear(const Problem& problem) {
  const TensorType& a = problem.inputs[kA];
  const TensorType& b = problem.inputs[kB];
  if (!is_byte(a.dtype) || !is_byte(b.dtype)) return Verdict::refuse("the operands are not 8-bit");
  if (problem.constants[kB] == nullptr)
    return Verdict::refuse("the right operand is not a constant");
  if (a.shape.rank() < 2 || !(a.layout == kNCHW) || problem.as<MatMul>()->transpose_a)
    return Verdict::refuse("the left operand does not hold a row after the other");
  if (b.shape.rank() != 2) return Verdict::refuse("the right operand is not one matrix");
  if (a.shape.elements() == 0 || b.shape.elements() == 0)
    return Verdict::refuse("an operand is empty");
  if (problem.has_input(kBias) && problem.constants[kBias] == nullptr)
    return Verdict::refuse("the bias is not a constant");
  return Verdict::accept();
}

Problem linear_conv(const Problem& problem) {
  const auto& product = *problem.as<MatMul>();
  const Extents e = extents_of(problem);
  Conv2d op;
  op.activation = product.activation;
  op.output = {problem.outputs[0].dtype, problem.outputs[0].quant};
  op.rule = product.rule;
  Problem conv = problem;
  conv.op = make_op<Conv2d>(std::move(op));
  conv.inputs[kA] = input_type(problem);
  conv.inputs[kB] = filter_type(problem);
  conv.outputs[0] = map_type(problem.outputs[0], e.m, e.n, kNHWC);
  return conv;
}

Tensor linear_filter(const Problem& problem) {
  const Extents e = extents_of(problem);
  const bool by_column = problem.as<MatMul>()->transpose_b;
  const std::byte* b = problem.constants[kB]->data();
  Tensor filter(filter_type(problem));
  // Zero is what the filter's zero point stands for.
  const auto zero = static_cast<std::byte>(filter.type().quant->zero_point());
  std::byte* to = filter.mutable_data();
  for (std::int64_t n = 0; n < e.n; ++n)
    for (std::int64_t k = 0; k < e.padded_k; ++k)
      *to++ = k >= e.k ? zero : b[by_column ? n * e.k + k : k * e.n + n];
  return filter;
}

std::optional<Problem> linear_padding(const Problem& problem) {
  const Extents e = extents_of(problem);
  if (e.k == e.padded_k) return std::nullopt;
  Relayout op;
  op.layout = {kNHWC.order, kGroup};
  Problem padding;
  padding.inputs = {map_type(problem.inputs[kA], e.m, e.k, kNCHW)};
  padding.outputs = {map_type(problem.inputs[kA], e.m, e.k, op.layout)};
  padding.constants = {nullptr};
  padding.present = {true};
  padding.op = make_op<Relayout>(op);
  return padding;
}

}  // namespace octet::cuda
