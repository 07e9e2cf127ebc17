#include <algorithm>
#include <map>

#include "backends/cuda/common/broadcast_walk.hpp"
#include "backends/cuda/common/padding.hpp"
#include "backends/cuda/elementwise/chain.hpp"
#include "backends/cuda/elementwise/operands.hpp"
#include "backends/cuda/kernel_lists.hpp"
#include "backends/cuda/runtime/check.hpp"
#include "backends/cuda/runtime/context.hpp"
#include "ops/convert.hpp"
#include "ops/elementwise_modes.hpp"
#include "ops/pointwise.hpp"
#include "ops/subgraph.hpp"

namespace octet::cuda {
namespace {

// f32 and quantised integers that a register holds.
bool fits_register(const TensorType& type) {
  if (type.dtype == DType::f32) return !type.quant;
  return type.quant && is_integer(type.dtype) && size_of(type.dtype) <= 4 &&
         type.dtype != DType::u32;
}

std::vector<TensorType> input_types(const Graph& graph, const Node& node) {
  std::vector<TensorType> types;
  for (const ValueId id : node.inputs) types.push_back(graph.type(id));
  return types;
}

Verdict check_step(const Graph& graph, const Node& node) {
  for (const ValueId id : node.inputs)
    if (!fits_register(graph.type(id)))
      return Verdict::refuse("a value is neither f32 nor quantised");
  if (!fits_register(graph.type(node.outputs[0])))
    return Verdict::refuse("a result is neither f32 nor quantised");
  const auto* op = node.as<Elementwise>();
  if (op != nullptr && make_plan(*op, input_types(graph, node)).arithmetic != Arithmetic::binary32)
    return Verdict::refuse("an operator works on stored integers");
  return Verdict::accept();
}

// The values that the program reads: inputs of the graph, then its constants.
std::vector<ValueId> operands_of(const Graph& graph) {
  std::vector<ValueId> operands = graph.inputs();
  for (std::size_t id = 0; id < graph.value_count(); ++id)
    if (graph.value(static_cast<ValueId>(id)).is_constant())
      operands.push_back(static_cast<ValueId>(id));
  return operands;
}

Graph inner_graph(const Problem& problem) {
  return problem.as<Subgraph>()->inner_for(problem.inputs);
}

Verdict check_chain(const Problem& problem, const Demands&) {
  const Graph inner = inner_graph(problem);
  if (!is_pointwise(inner)) return Verdict::refuse("an operator inside is not pointwise");
  if (inner.order().size() > kMostChainSteps)
    return Verdict::refuse("there are more than 8 operators");
  if (operands_of(inner).size() > kMostChainOperands)
    return Verdict::refuse("there are more than 6 operands");
  for (const NodeId id : inner.order())
    if (const Verdict step = check_step(inner, inner.node(id)); !step) return step;
  return check_layouts(problem);
}

class ProgramBuilder {
 public:
  ProgramBuilder(const Problem& problem, const Graph& inner) : graph_(inner) {
    const TensorType& y = problem.outputs[0];
    params_.count = y.physical_elements();
    params_.same = true;
    for (const ValueId id : operands_of(graph_)) add_operand(id, y.shape);
    for (const NodeId id : graph_.order()) add_step(graph_.node(id));
  }

  const ChainParams& params() const noexcept { return params_; }

 private:
  void add_operand(ValueId id, const Shape& y) {
    const int number = params_.operands++;
    const TensorType& type = graph_.type(id);
    registers_[id] = number;
    params_.formats[number] = ElementFormat::of(type, QuantRule::mge);
    params_.walks[number] = broadcast_walk(type.shape, y);
    params_.same = params_.same && type.shape == y;
  }

  void add_step(const Node& node) {
    ChainStep& step = params_.program[params_.steps];
    const int number = kMostChainOperands + params_.steps++;
    const TensorType& y = graph_.type(node.outputs[0]);
    registers_[node.outputs[0]] = number;
    for (const ValueId id : node.inputs) step.sources[step.count++] = registers_.at(id);
    if (const auto* convert = node.as<Convert>()) {
      step.converts = true;
      step.conversion = ConvertStep::make(graph_.type(node.inputs[0]), y, convert->rule, 0);
      params_.formats[number] = ElementFormat::of(y, convert->rule);
      return;
    }
    const auto& op = *node.as<Elementwise>();
    step.function = op.function();
    params_.formats[number] = ElementFormat::of(y, op.rule);
  }

  const Graph& graph_;
  std::map<ValueId, int> registers_;
  ChainParams params_{};
};

std::unique_ptr<Executable> prepare_chain(const Problem& problem, const Demands&) {
  const Graph inner = inner_graph(problem);
  const ProgramBuilder builder(problem, inner);
  std::vector<DeviceArray> constants;
  for (const ValueId id : operands_of(inner))
    if (const Tensor* constant = inner.value(id).is_constant() ? inner.known(id) : nullptr)
      constants.emplace_back(constant->data(), constant->bytes());
  return make_launch(
      [params = builder.params(), constants, padding = padding_of(problem.outputs[0])](
          const RunArgs& args, cudaStream_t stream) {
        ChainOperands operands{};
        std::copy(args.inputs.begin(), args.inputs.end(), operands.data);
        for (std::size_t i = 0; i < constants.size(); ++i)
          operands.data[args.inputs.size() + i] = constants[i].as<std::byte>();
        launch_chain(params, operands, args.outputs[0], stream);
        launch_fill_padding(padding, args.outputs[0], stream);
        OCTET_CUDA_CHECK(cudaGetLastError());
      });
}

}  // namespace

std::span<const Kernel> chain_rows() {
  static const Kernel rows[] = {{"chain_any_program_sm75", check_chain, prepare_chain}};
  return rows;
}

}  // namespace octet::cuda
