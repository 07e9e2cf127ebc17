// Rows for matrix products of quantised bytes with a constant matrix: a convolution of one row of
// pixels with 1 x 1 filters.
#include "backends/cpu/checks.hpp"
#include "backends/cpu/conv_common.hpp"
#include "backends/cpu/dot_conv.hpp"
#include "backends/cpu/rows.hpp"
#include "backends/cpu/vector_rows.hpp"
#include "ops/matmul.hpp"

namespace octet::cpu {
namespace {

enum Operand : std::size_t { kA, kB, kBias };

ConvGeometry shape_of(const Problem& problem) {
  ConvGeometry shape;
  shape.c = problem.inputs[kA].shape.back();
  shape.k = problem.outputs[0].shape.back();
  shape.w = shape.ow = problem.outputs[0].shape.elements() / shape.k;
  return shape;
}

WeightView view_of(const Problem& problem, const ConvGeometry& shape) {
  const Tensor& b = *problem.constants[kB];
  const bool transposed = problem.as<MatMul>()->transpose_b;
  WeightView view;
  view.data = b.data();
  view.is_signed = b.dtype() == DType::s8;
  const Quant quant = b.type().quant.value_or(Quant{});
  view.zero_points = quant.zero_points.empty() ? std::vector<std::int32_t>{0} : quant.zero_points;
  view.stride_k = transposed ? shape.c : 1;
  view.stride_c = transposed ? 1 : shape.k;
  return view;
}

Verdict check(const Problem& problem) {
  const TensorType &a = problem.inputs[kA], &b = problem.inputs[kB];
  if (const Verdict bytes = check_quantised_byte(a, "a"); !bytes) return bytes;
  if (problem.constants[kB] == nullptr) return Verdict::refuse("b is not constant");
  if (problem.has_input(kBias) && problem.constants[kBias] == nullptr)
    return Verdict::refuse("the bias is not constant");
  if (problem.as<MatMul>()->transpose_a) return Verdict::refuse("a is transposed");
  if (a.shape.rank() < 2 || b.shape.rank() != 2)
    return Verdict::refuse(concat("the ranks are ", a.shape.rank(), " and ", b.shape.rank()));
  if (problem.outputs[0].shape.elements() == 0) return Verdict::refuse("the product is empty");
  if (!(a.layout == kNCHW) || !(problem.outputs[0].layout == kNCHW))
    return Verdict::refuse("a and y are not both in the default layout");
  const Verdict types = check_epilogue_types(problem.outputs[0], nullptr);
  return types ? check_signed_bytes(*problem.constants[kB]) : types;
}

PackedEpilogue epilogue_of(const Problem& problem, const DotProduct& product) {
  const auto& op = *problem.as<MatMul>();
  const TensorType &a = problem.inputs[kA], &y = problem.outputs[0];
  std::optional<ConstView> bias;
  if (problem.has_input(kBias)) bias.emplace(*problem.constants[kBias]);
  const std::span<const std::int32_t> sums = product.weights.sums;
  return pack_shifted_epilogue(
      make_epilogue(op.rule, op.activation, {y.dtype, y.quant}, product.shape.k, *a.quant,
                    problem.inputs[kB].quant.value_or(Quant{}), bias ? &*bias : nullptr,
                    a.quant->is_symmetric() ? std::span<const std::int32_t>{} : sums),
      y, nullptr, sums, byte_shift(a));
}

std::unique_ptr<Executable> prepare(const Problem& problem, const VectorKernels& kernels,
                                    int threads) {
  DotProduct product;
  product.shape = shape_of(problem);
  product.input = PaddedInput::make(product.shape, problem.inputs[kA]);
  product.weights = DotWeights::pack(view_of(problem, product.shape), product.shape, kernels);
  product.epilogue = epilogue_of(problem, product);
  product.element_bytes = static_cast<std::int64_t>(size_of(problem.outputs[0].dtype));
  return make_dot_conv(std::move(product), kernels, threads);
}

}  // namespace

std::vector<Kernel> matmul_dot_rows() { return vector_rows<check, prepare>("matmul_q8_dot"); }

}  // namespace octet::cpu
