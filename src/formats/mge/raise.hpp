// The raising layer, the inverse of lowering: from a Graph of Octet's operators to the operators of
// a .mge file.
//
// Each kind of Octet's operators is one function and one row in the file of its family. A function
// reads its node through NodeWriter, adds operators to the file and returns the file's values of
// the node's outputs. It throws Error(unsupported) for what a .mge file cannot say; the driver adds
// which node it was.
#pragma once

#include <map>
#include <utility>

#include "formats/mge/file_graph.hpp"
#include "formats/mge/lower.hpp"
#include "ir/graph.hpp"

namespace octet::mge {

class NodeWriter;
using RaiseFunction = std::vector<Var> (*)(NodeWriter&);
struct RaiseRow {
  std::string_view kind;  // of Octet's operator
  RaiseFunction raise;
};

// The rows of each family; raise.cpp joins them.
std::span<const RaiseRow> raise_conv_rows();
std::span<const RaiseRow> raise_elementwise_rows();
std::span<const RaiseRow> raise_shape_rows();
std::span<const RaiseRow> raise_index_rows();
std::span<const RaiseRow> raise_reduce_rows();
std::span<const RaiseRow> raise_map_rows();  // operators on maps: pooling, resampling, norms

// The file as it grows. The graph outlives it.
class FileBuilder {
 public:
  explicit FileBuilder(const Graph& graph) : graph_(graph), vars_(graph.value_count()) {}

  const Graph& graph() const noexcept { return graph_; }
  // The file's value of a value that exists; a constant is added when it is first asked for.
  Var var(ValueId value);
  // The value is `var` in the file, under its own name or, without one, the fallback.
  void define(ValueId value, Var var, const std::string& fallback_name);
  Var add_input(const std::string& name, const TensorType& type);
  Var add_constant(const Tensor& tensor, const std::string& name = {});
  // Adds an operator, numbers its outputs and returns them.
  std::vector<Var> add(FileOperator op, std::size_t outputs);
  void add_output(const GraphOutput& output);
  FileGraph take() { return std::move(file_); }

 private:
  const Graph& graph_;
  std::vector<std::optional<Var>> vars_;  // by ValueId
  std::vector<bool> is_named_;            // by Var: the name must stay
  FileGraph file_;
};

template <typename T>
fbs::OperatorParamUnion param_of(T table) {
  fbs::OperatorParamUnion param;
  param.Set(std::move(table));
  return param;
}

// One node while it is raised.
class NodeWriter {
 public:
  NodeWriter(FileBuilder& file, const Node& node) : file_(file), node_(node) {}

  template <typename T>
  const T& op() const {
    return *node_.as<T>();
  }
  std::size_t input_count() const noexcept { return node_.inputs.size(); }
  std::size_t output_count() const noexcept { return node_.outputs.size(); }
  bool has_input(std::size_t i) const {
    return i < node_.inputs.size() && node_.inputs[i] != kNoValue;
  }
  Var input(std::size_t i);
  std::vector<Var> inputs();                    // all of them; none may be absent
  std::vector<TensorType> input_types() const;  // as inputs()
  const TensorType& type(std::size_t i) const { return file_.graph().type(node_.inputs[i]); }
  const TensorType& output_type(std::size_t i = 0) const {
    return file_.graph().type(node_.outputs[i]);
  }
  // Integers of an input whose value is known; throws Error(unsupported) where it is not.
  std::vector<std::int64_t> known_integers(std::size_t i) const;
  // Input i, which is a constant or gets a Reshape, with the shape.
  Var reshaped_input(std::size_t i, const Shape& shape);

  Var integers(std::span<const std::int64_t> values);  // a constant vector, s32
  Var integers(std::initializer_list<std::int64_t> values) {
    return integers(std::span(values.begin(), values.size()));
  }
  Var scalar(float value);

  std::vector<Var> add_all(std::string_view type, std::vector<fbs::OperatorParamUnion> params,
                           std::vector<Var> inputs, std::size_t outputs,
                           std::optional<OutputSpec> output = {});
  Var add(std::string_view type, std::vector<fbs::OperatorParamUnion> params,
          std::vector<Var> inputs, std::optional<OutputSpec> output = {}) {
    return add_all(type, std::move(params), std::move(inputs), 1, std::move(output)).front();
  }
  Var reshape(Var x, Var shape, std::optional<std::int64_t> infer_axis = {});
  // Adds or removes axes of extent 1, one after the other.
  Var change_axes(Var x, fbs::AxisMethod method, const std::vector<std::int64_t>& axes);

 private:
  FileBuilder& file_;
  const Node& node_;
};

// Throws Error(unsupported) with the concatenated parts unless the condition holds.
template <typename... Parts>
void require_form(bool condition, const Parts&... parts) {
  if (!condition) unsupported(concat(parts...));
}

// An axis counted from the front.
inline std::int64_t from_front(std::int64_t axis, std::size_t rank) {
  return axis < 0 ? axis + static_cast<std::int64_t>(rank) : axis;
}

FileGraph raise_graph(const Graph& graph);

}  // namespace octet::mge
