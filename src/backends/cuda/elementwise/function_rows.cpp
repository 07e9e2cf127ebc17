#include "backends/cuda/common/padding.hpp"
#include "backends/cuda/elementwise/function.hpp"
#include "backends/cuda/elementwise/operands.hpp"
#include "backends/cuda/kernel_lists.hpp"
#include "backends/cuda/runtime/check.hpp"
#include "backends/cuda/runtime/context.hpp"
#include "ops/convert.hpp"
#include "ops/elementwise_modes.hpp"

namespace octet::cuda {
namespace {

bool is_plain_f32(const TensorType& type) { return type.dtype == DType::f32 && !type.quant; }

FunctionParams params_for(const Problem& problem, const ElementwiseFunction& function,
                          Arithmetic arithmetic, QuantRule rule) {
  FunctionParams p{};
  p.where = broadcast_params(problem);
  p.function = function;
  p.arithmetic = arithmetic;
  p.count = static_cast<int>(problem.inputs.size());
  p.output = ElementFormat::of(problem.outputs[0], rule);
  p.plain = is_plain_f32(problem.outputs[0]) && arithmetic == Arithmetic::binary32;
  for (std::size_t i = 0; i < problem.inputs.size(); ++i) {
    p.operands[i] = ElementFormat::of(problem.inputs[i], rule);
    p.plain = p.plain && is_plain_f32(problem.inputs[i]);
  }
  return p;
}

std::unique_ptr<Executable> make_function(const Problem& problem, const FunctionParams& params) {
  return make_launch(
      [params, padding = padding_of(problem.outputs[0])](const RunArgs& args, cudaStream_t stream) {
        const void* operands[4] = {};
        for (std::size_t i = 0; i < args.inputs.size(); ++i) operands[i] = args.inputs[i];
        launch_function(params, operands, args.outputs[0], stream);
        launch_fill_padding(padding, args.outputs[0], stream);
        OCTET_CUDA_CHECK(cudaGetLastError());
      });
}

Verdict check_function(const Problem& problem, const Demands&) { return check_operands(problem); }

std::unique_ptr<Executable> prepare_function(const Problem& problem, const Demands&) {
  const auto& op = *problem.as<Elementwise>();
  const Arithmetic arithmetic = make_plan(op, problem.inputs).arithmetic;
  return make_function(problem, params_for(problem, op.function(), arithmetic, op.rule));
}

// A cast is the identity in the widest type of its input's kind.
std::unique_ptr<Executable> prepare_cast(const Problem& problem, const Demands&) {
  const DType from = problem.inputs[0].dtype;
  const Arithmetic arithmetic = is_float(from) ? Arithmetic::binary64 : arithmetic_of(from);
  return make_function(problem, params_for(problem, {ElementwiseMode::identity, 0.0f, 0.0f},
                                           arithmetic, QuantRule::mge));
}

}  // namespace

std::span<const Kernel> function_rows() {
  static const Kernel rows[] = {{"elementwise_any_direct_sm75", check_function, prepare_function}};
  return rows;
}

std::span<const Kernel> cast_rows() {
  static const Kernel rows[] = {{"cast_any_direct_sm75", check_function, prepare_cast}};
  return rows;
}

}  // namespace octet::cuda
