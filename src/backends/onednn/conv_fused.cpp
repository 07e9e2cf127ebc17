// Quantised convolutions with oneDNN's own epilogue, which rounds half to even and scales after the
// bias was added: at most one step from the reference, on few elements. Only for --numerics fast.
#include "backends/onednn/plain_conv.hpp"
#include "backends/onednn/rows.hpp"
#include "ops/product.hpp"

namespace octet::onednn {
namespace {

ConvSpec fused_spec(const Problem& problem) {
  const TensorType &x = problem.inputs[0], &w = problem.inputs[1], &y = problem.outputs[0];
  ConvSpec spec = spec_of(problem);
  spec.x_zero_point = x.quant->zero_point();
  spec.finish.y_zero_point = y.quant->zero_point();
  spec.finish.activation = problem.as<Conv2d>()->activation;
  spec.finish.bias = bias_bytes(problem, 2);
  for (std::int64_t k = 0; k < spec.w[0]; ++k)
    spec.finish.scales.push_back(x.quant->scale() * w.quant->scale(static_cast<std::size_t>(k)) /
                                 y.quant->scale());
  return spec;
}

Verdict check_fused(const Problem& problem, const Demands& demands) {
  if (demands.numerics == Numerics::exact)
    return Verdict::refuse("its epilogue rounds in its own way, and exact numbers are wanted");
  if (const Verdict exact = check_exact_products(); !exact) return exact;
  const TensorType& w = problem.inputs[1];
  if (!is_per_tensor_byte(problem.inputs[0]) || !is_per_tensor_byte(problem.outputs[0]))
    return Verdict::refuse("x and y are not both quantised s8 or u8 with one scale");
  if (w.dtype != DType::s8 || !w.quant || !w.quant->is_symmetric())
    return Verdict::refuse("the weights are not s8 with zero point 0");
  if (problem.as<Conv2d>()->activation.kind == ActivationKind::clip)
    return Verdict::refuse("the bounds of a clip would have to be in steps of the output");
  if (const Verdict plain = check_plain(problem); !plain) return plain;
  const ThreadCount guard(demands.threads);
  return check(fused_spec(problem));
}

std::unique_ptr<Executable> prepare(const Problem& problem, const Demands& demands) {
  const ThreadCount guard(demands.threads);
  return make_plain(make(fused_spec(problem), problem.constants[1]->data()));
}

}  // namespace

std::vector<Kernel> conv_fused_rows() { return {{"conv2d_q8_onednn_fused", check_fused, prepare}}; }

}  // namespace octet::onednn
