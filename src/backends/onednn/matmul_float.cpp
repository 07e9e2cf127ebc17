// Float products with a constant matrix (linear layers).
#include "backends/onednn/plain_conv.hpp"
#include "backends/onednn/rows.hpp"
#include "ops/matmul.hpp"

namespace octet::onednn {
namespace {

MatMulSpec spec_of_product(const Problem& problem) {
  const auto& op = *problem.as<MatMul>();
  MatMulSpec spec;
  spec.k = problem.inputs[0].shape.back();
  spec.n = problem.outputs[0].shape.back();
  spec.m = problem.outputs[0].shape.elements() / spec.n;
  spec.transposed = op.transpose_b;
  spec.finish.activation = op.activation;
  spec.finish.bias = bias_bytes(problem, 2);
  return spec;
}

Verdict check_product(const Problem& problem, const Demands& demands) {
  const auto& op = *problem.as<MatMul>();
  const TensorType &a = problem.inputs[0], &b = problem.inputs[1], &y = problem.outputs[0];
  if (a.dtype != DType::f32 || b.dtype != DType::f32) return Verdict::refuse("a and b are not f32");
  if (problem.constants[1] == nullptr) return Verdict::refuse("b is not constant");
  if (op.transpose_a) return Verdict::refuse("a is transposed");
  if (a.shape.rank() < 2 || b.shape.rank() != 2 || y.shape.elements() == 0)
    return Verdict::refuse("it is not a product of rows with one matrix");
  if (problem.has_input(2) &&
      (problem.constants[2] == nullptr || problem.inputs[2].shape.elements() != y.shape.back() ||
       problem.inputs[2].shape.rank() == 0 || problem.inputs[2].shape.back() != y.shape.back()))
    return Verdict::refuse("the bias is not one constant per column");
  const ActivationKind kind = op.activation.kind;
  if (kind != ActivationKind::none && kind != ActivationKind::relu)
    return Verdict::refuse("the activation is not one that oneDNN computes alike");
  if (!(a.layout == kNCHW) || !(y.layout == kNCHW))
    return Verdict::refuse("a and y are not both in the default layout");
  const ThreadCount guard(demands.threads);
  return check(spec_of_product(problem));
}

std::unique_ptr<Executable> prepare(const Problem& problem, const Demands& demands) {
  const ThreadCount guard(demands.threads);
  return make_plain(make(spec_of_product(problem), problem.constants[1]->data()));
}

}  // namespace

std::vector<Kernel> matmul_float_rows() { return {{"matmul_f32_onednn", check_product, prepare}}; }

}  // namespace octet::onednn
