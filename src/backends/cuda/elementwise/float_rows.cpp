#include <optional>

#include "backends/cuda/common/padding.hpp"
#include "backends/cuda/elementwise/float.hpp"
#include "backends/cuda/elementwise/operands.hpp"
#include "backends/cuda/kernel_lists.hpp"
#include "backends/cuda/runtime/check.hpp"
#include "backends/cuda/runtime/context.hpp"
#include "ops/elementwise.hpp"

namespace octet::cuda {
namespace {

using Mode = ElementwiseMode;
using Function = FloatFunction;

struct Entry {
  Mode mode;
  Function function;
};
constexpr Entry kFunctions[] = {
    {Mode::identity, Function::identity},
    {Mode::abs, Function::abs},
    {Mode::ceil, Function::ceil},
    {Mode::exp, Function::exp},
    {Mode::floor, Function::floor},
    {Mode::log, Function::log},
    {Mode::negate, Function::negate},
    {Mode::reciprocal, Function::reciprocal},
    {Mode::relu, Function::relu},
    {Mode::relu6, Function::relu6},
    {Mode::round, Function::round},
    {Mode::round_even, Function::round_even},
    {Mode::sigmoid, Function::sigmoid},
    {Mode::sqrt, Function::sqrt},
    {Mode::square, Function::square},
    {Mode::tanh, Function::tanh},
    {Mode::h_swish, Function::h_swish},
    {Mode::silu, Function::silu},
    {Mode::leaky_relu, Function::leaky_relu},
    {Mode::clip, Function::clip},
    {Mode::sin, Function::sin},
    {Mode::cos, Function::cos},
    {Mode::add, Function::add},
    {Mode::sub, Function::sub},
    {Mode::mul, Function::mul},
    {Mode::div, Function::div},
    {Mode::min, Function::min},
    {Mode::max, Function::max},
    {Mode::prelu, Function::prelu},
    {Mode::add_relu, Function::add_relu},
    {Mode::add_sigmoid, Function::add_sigmoid},
    {Mode::add_tanh, Function::add_tanh},
    {Mode::mul_add3, Function::mul_add3},
    {Mode::mul_add4, Function::mul_add4},
};

std::optional<Function> function_for(Mode mode) {
  for (const Entry& entry : kFunctions)
    if (entry.mode == mode) return entry.function;
  return std::nullopt;
}

Verdict check_float(const Problem& problem, const Demands&) {
  for (const TensorType& x : problem.inputs)
    if (x.dtype != DType::f32) return Verdict::refuse("an operand is not f32");
  if (problem.outputs[0].dtype != DType::f32) return Verdict::refuse("the output is not f32");
  if (!function_for(problem.as<Elementwise>()->mode))
    return Verdict::refuse("the function has no kernel on the GPU");
  return check_operands(problem);
}

std::unique_ptr<Executable> prepare_float(const Problem& problem, const Demands&) {
  const auto& op = *problem.as<Elementwise>();
  const FloatParams params{broadcast_params(problem), *function_for(op.mode), op.alpha, op.beta};
  return make_launch(
      [params, padding = padding_of(problem.outputs[0])](const RunArgs& args, cudaStream_t stream) {
        const float* operands[4] = {};
        for (std::size_t i = 0; i < args.inputs.size(); ++i)
          operands[i] = reinterpret_cast<const float*>(args.inputs[i]);
        launch_float(params, operands, reinterpret_cast<float*>(args.outputs[0]), stream);
        launch_fill_padding(padding, args.outputs[0], stream);
        OCTET_CUDA_CHECK(cudaGetLastError());
      });
}

}  // namespace

std::span<const Kernel> float_rows() {
  static const Kernel rows[] = {{"elementwise_f32_any_sm75", check_float, prepare_float}};
  return rows;
}

}  // namespace octet::cuda
