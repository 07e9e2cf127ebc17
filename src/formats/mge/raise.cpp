#include "formats/mge/raise.hpp"

#include <algorithm>

#include "base/error.hpp"

namespace octet::mge {

Var FileBuilder::var(ValueId value) {
  auto& var = vars_[static_cast<std::size_t>(value)];
  if (!var) {
    const Value& source = graph_.value(value);
    if (!source.is_constant())
      throw Error(StatusCode::internal, concat("value ", value, " is used before it exists"));
    var = add_constant(*source.known, source.name);
  }
  return *var;
}

void FileBuilder::define(ValueId value, Var var, const std::string& fallback_name) {
  vars_[static_cast<std::size_t>(value)] = var;
  if (!file_.names[var].empty()) return;
  const std::string& name = graph_.value(value).name;
  file_.names[var] = name.empty() ? fallback_name : name;
}

Var FileBuilder::add_input(const std::string& name, const TensorType& type) {
  FileOperator op;
  op.type = "Host2DeviceCopy";
  op.name = name;
  op.params = {param_of(fbs::Host2DeviceCopyT())};
  op.tensor = FileTensor{name, type, {}};
  const Var var = add(std::move(op), 1).front();
  file_.names[var] = name;
  is_named_[var] = true;
  return var;
}

Var FileBuilder::add_constant(const Tensor& tensor, const std::string& name) {
  FileOperator op;
  op.type = "ImmutableTensor";
  op.name = name;
  op.tensor = FileTensor{name, tensor.type(), tensor};
  const Var var = add(std::move(op), 1).front();
  file_.names[var] = name;
  return var;
}

std::vector<Var> FileBuilder::add(FileOperator op, std::size_t outputs) {
  for (std::size_t i = 0; i < outputs; ++i) {
    op.outputs.push_back(static_cast<Var>(file_.names.size()));
    file_.names.emplace_back();
    is_named_.push_back(false);
  }
  file_.operators.push_back(std::move(op));
  return file_.operators.back().outputs;
}

void FileBuilder::add_output(const GraphOutput& output) {
  Var result = var(output.value);
  if (is_named_[result] && file_.names[result] != output.name) {
    // A name belongs to one value: an output that is an input, or another output, too, is a copy.
    FileOperator op;
    op.type = "Identity";
    op.name = output.name;
    op.params = {param_of(fbs::EmptyT())};
    op.inputs = {result};
    result = add(std::move(op), 1).front();
  }
  file_.names[result] = output.name;
  is_named_[result] = true;
  file_.outputs.push_back(result);
}

Var NodeWriter::input(std::size_t i) {
  require_form(has_input(i), "the operator's input ", i, " is absent");
  return file_.var(node_.inputs[i]);
}

std::vector<Var> NodeWriter::inputs() {
  std::vector<Var> vars;
  for (std::size_t i = 0; i < input_count(); ++i) vars.push_back(input(i));
  return vars;
}

std::vector<TensorType> NodeWriter::input_types() const {
  std::vector<TensorType> types;
  for (std::size_t i = 0; i < input_count(); ++i) types.push_back(type(i));
  return types;
}

std::vector<std::int64_t> NodeWriter::known_integers(std::size_t i) const {
  const Tensor* known = file_.graph().known(node_.inputs[i]);
  require_form(known != nullptr, "its input ", i, " is not known before the run");
  std::vector<std::int64_t> values;
  if (known->dtype() == DType::s64) {
    const auto wide = known->values<std::int64_t>();
    values.assign(wide.begin(), wide.end());
  } else {
    require_form(known->dtype() == DType::s32, "its input ", i, " is not an integer");
    const auto narrow = known->values<std::int32_t>();
    values.assign(narrow.begin(), narrow.end());
  }
  return values;
}

Var NodeWriter::reshaped_input(std::size_t i, const Shape& shape) {
  const Value& source = file_.graph().value(node_.inputs[i]);
  if (source.type.shape == shape) return input(i);
  if (!source.is_constant()) return reshape(input(i), integers(shape.extents()));
  TensorType type = source.type;
  type.shape = shape;
  return file_.add_constant(source.known->with_type(std::move(type)), source.name);
}

Var NodeWriter::integers(std::span<const std::int64_t> values) {
  std::vector<std::int32_t> narrow;
  for (const std::int64_t value : values) {
    require_form(value >= std::numeric_limits<std::int32_t>::min() &&
                     value <= std::numeric_limits<std::int32_t>::max(),
                 "the number ", value, " does not fit into Int32");
    narrow.push_back(static_cast<std::int32_t>(value));
  }
  const Shape shape{static_cast<std::int64_t>(narrow.size())};
  return file_.add_constant(
      Tensor::from<std::int32_t>({DType::s32, shape, kNCHW, std::nullopt}, narrow));
}

Var NodeWriter::scalar(float value) {
  return file_.add_constant(
      Tensor::from<float>({DType::f32, Shape{1}, kNCHW, std::nullopt}, std::span(&value, 1)));
}

std::vector<Var> NodeWriter::add_all(std::string_view type,
                                     std::vector<fbs::OperatorParamUnion> params,
                                     std::vector<Var> inputs, std::size_t outputs,
                                     std::optional<OutputSpec> output) {
  FileOperator op;
  op.type = type;
  op.name = node_.name;
  op.params = std::move(params);
  op.inputs = std::move(inputs);
  op.output = std::move(output);
  return file_.add(std::move(op), outputs);
}

Var NodeWriter::reshape(Var x, Var shape, std::optional<std::int64_t> infer_axis) {
  fbs::OptionalAxisV1T param;
  if (infer_axis) param.axis = static_cast<std::int32_t>(*infer_axis);
  return add("ReshapeV1", {param_of(param)}, {x, shape});
}

Var NodeWriter::change_axes(Var x, fbs::AxisMethod method, const std::vector<std::int64_t>& axes) {
  if (axes.empty()) return x;
  fbs::AxisAddRemoveT param;
  for (const std::int64_t axis : axes)
    param.desc.emplace_back(method, static_cast<std::int32_t>(axis));
  return add("AxisAddRemove", {param_of(std::move(param))}, {x});
}

namespace {

const RaiseRow& row_of(std::string_view kind) {
  for (const auto family : {raise_conv_rows(), raise_elementwise_rows(), raise_shape_rows(),
                            raise_index_rows(), raise_reduce_rows(), raise_map_rows()})
    for (const RaiseRow& row : family)
      if (row.kind == kind) return row;
  unsupported(concat("the operator ", kind, " has no counterpart in MegEngine"));
}

void raise_node(FileBuilder& file, const Node& node) {
  try {
    NodeWriter writer(file, node);
    const std::vector<Var> vars = row_of(node.kind()).raise(writer);
    for (std::size_t i = 0; i < vars.size(); ++i)
      file.define(node.outputs[i], vars[i], vars.size() == 1 ? node.name : "");
  } catch (const Error& error) {
    throw at_place(error, concat("\"", node.name, "\" (", node.kind(), ")"));
  }
}

}  // namespace

FileGraph raise_graph(const Graph& graph) {
  FileBuilder file(graph);
  for (const ValueId id : graph.inputs()) {
    const Value& value = graph.value(id);
    file.define(id, file.add_input(value.name, value.type), value.name);
  }
  for (const NodeId id : graph.order()) raise_node(file, graph.node(id));
  for (const GraphOutput& output : graph.outputs()) file.add_output(output);
  return file.take();
}

}  // namespace octet::mge
