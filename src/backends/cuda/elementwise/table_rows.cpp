// Elementwise functions and conversions of bytes, and chains of them: the operator itself fills the
// table.
#include <array>
#include <map>
#include <numeric>

#include "backends/cuda/common/padding.hpp"
#include "backends/cuda/elementwise/operands.hpp"
#include "backends/cuda/kernel_lists.hpp"
#include "backends/cuda/runtime/check.hpp"
#include "backends/cuda/runtime/context.hpp"
#include "ops/evaluate.hpp"
#include "ops/pointwise.hpp"

namespace octet::cuda {
namespace {

bool per_tensor(const TensorType& type) { return !type.quant || type.quant->is_per_tensor(); }

// Every byte of a type that tables can index, as a value of this shape.
Tensor all_bytes(const TensorType& type, const Shape& shape) {
  Tensor bytes(TensorType{type.dtype, shape, kNCHW, type.quant});
  auto values = bytes.mutable_values<std::uint8_t>();
  std::iota(values.begin(), values.end(), std::uint8_t{0});
  return bytes;
}

// A graph of pointwise operators for inputs of other shapes: layouts play no part.
Graph reshaped(const Graph& inner, const std::vector<TensorType>& inputs) {
  Graph graph = inner;
  for (const NodeId id : graph.order()) graph.set_layout(graph.node(id).outputs[0], kNCHW);
  std::map<std::string, TensorType> types;
  for (std::size_t i = 0; i < inputs.size(); ++i)
    types.emplace(graph.value(graph.inputs()[i]).name, inputs[i]);
  graph.set_input_types(types);
  return graph;
}

Tensor compute_table(const Problem& problem, const std::vector<TensorType>& types,
                     const std::vector<ConstView>& in) {
  if (const Graph* inner = problem.op->inner()) {
    const Graph graph = reshaped(*inner, types);
    return evaluate(graph, in)[static_cast<std::size_t>(graph.outputs()[0].value)];
  }
  const std::vector<const Tensor*> known(types.size(), nullptr);
  Tensor table(problem.op->infer({types, known})[0]);
  const std::array<View, 1> out{View(table)};
  problem.op->compute(in, out);
  return table;
}

// The operator's outputs for all bytes of its one or two operands, bytes in the order of their
// bits.
Tensor make_table(const Problem& problem) {
  std::vector<Tensor> operands;
  const bool two = problem.inputs.size() == 2;
  operands.push_back(all_bytes(problem.inputs[0], two ? Shape{256, 1} : Shape{256}));
  if (two) operands.push_back(all_bytes(problem.inputs[1], Shape{1, 256}));
  std::vector<TensorType> types;
  for (const Tensor& operand : operands) types.push_back(operand.type());
  return compute_table(problem, types, {operands.begin(), operands.end()});
}

// Chains may have constants, but those of more than one element differ by place.
Verdict check_chain(const Graph& inner) {
  if (!is_pointwise(inner)) return Verdict::refuse("an operator inside is not pointwise");
  for (std::size_t id = 0; id < inner.value_count(); ++id)
    if (const Value& value = inner.value(static_cast<ValueId>(id));
        value.is_constant() && value.type.shape.elements() != 1)
      return Verdict::refuse("a constant inside has more than one element");
  return Verdict::accept();
}

Verdict check_table(const Problem& problem, const Demands&) {
  if (const Graph* inner = problem.op->inner())
    if (const Verdict chain = check_chain(*inner); !chain) return chain;
  if (problem.inputs.empty() || problem.inputs.size() > 2)
    return Verdict::refuse("tables take one or two operands");
  for (const TensorType& x : problem.inputs) {
    if (!is_byte_type(x)) return Verdict::refuse("an operand is not of one byte");
    if (!per_tensor(x)) return Verdict::refuse("an operand has a scale per channel");
  }
  const TensorType& y = problem.outputs[0];
  if (!per_tensor(y)) return Verdict::refuse("the output has a scale per channel");
  const std::size_t bytes = size_of(y.dtype);
  if (bytes != 1 && (bytes != 4 || problem.inputs.size() == 2))
    return Verdict::refuse("the output's elements have the wrong size for a table");
  return check_operands(problem);
}

std::unique_ptr<Executable> prepare_table(const Problem& problem, const Demands&) {
  const Tensor host = make_table(problem);
  const DeviceArray table(host.data(), host.bytes());
  const BroadcastParams params = broadcast_params(problem);
  const int bytes = static_cast<int>(size_of(problem.outputs[0].dtype));
  const bool two = problem.inputs.size() == 2;
  // A function of the zero points need not be the zero point.
  const PaddingParams padding = padding_of(problem.outputs[0]);
  return make_launch([=](const RunArgs& args, cudaStream_t stream) {
    if (two)
      launch_table2(params, table.as<unsigned char>(), args.inputs[0], args.inputs[1],
                    args.outputs[0], stream);
    else
      launch_table1(table.as<std::byte>(), args.inputs[0], args.outputs[0], params.count, bytes,
                    stream);
    launch_fill_padding(padding, args.outputs[0], stream);
    OCTET_CUDA_CHECK(cudaGetLastError());
  });
}

}  // namespace

std::span<const Kernel> table_rows() {
  static const Kernel rows[] = {{"elementwise_x8_table_sm75", check_table, prepare_table}};
  return rows;
}

}  // namespace octet::cuda
