// Float convolutions.
#include "backends/onednn/plain_conv.hpp"
#include "backends/onednn/rows.hpp"

namespace octet::onednn {
namespace {

ConvSpec float_spec(const Problem& problem) {
  ConvSpec spec = spec_of(problem);
  spec.finish.activation = problem.as<Conv2d>()->activation;
  spec.finish.bias = bias_bytes(problem, 2);
  return spec;
}

Verdict check_float(const Problem& problem, const Demands& demands) {
  if (problem.inputs[0].dtype != DType::f32 || problem.inputs[1].dtype != DType::f32)
    return Verdict::refuse("x and w are not both f32");
  if (const Verdict plain = check_plain(problem); !plain) return plain;
  const ThreadCount guard(demands.threads);
  return check(float_spec(problem));
}

std::unique_ptr<Executable> prepare(const Problem& problem, const Demands& demands) {
  const ThreadCount guard(demands.threads);
  return make_plain(make(float_spec(problem), problem.constants[1]->data()));
}

}  // namespace

std::vector<Kernel> conv_float_rows() { return {{"conv2d_f32_onednn", check_float, prepare}}; }

}  // namespace octet::onednn
