// The lowering layer: from the operators of a file (RawGraph) to a Graph of Octet's operators.
//
// Each MegEngine operator is one function and one row (its registered name) in the file of its
// family. A function reads the operator through Context, adds nodes and returns the values of the
// operator's outputs, in MegEngine's order and without the volatile ones (workspace). It throws
// Error(unsupported) for what it does not know and Error(invalid_model) for what cannot be; the
// driver adds which operator it was.
#pragma once

#include <map>
#include <octet/status.hpp>
#include <string>
#include <utility>
#include <vector>

#include "base/format.hpp"
#include "formats/budget.hpp"
#include "formats/mge/raw_graph.hpp"
#include "formats/model_file.hpp"
#include "ops/attributes.hpp"

namespace octet::mge {

struct Context;
using LowerFunction = std::vector<ValueId> (*)(Context&);
struct OperatorRow {
  std::string_view name;  // as MegEngine registers it
  LowerFunction lower;
};

// The rows of each family; operator_table.cpp joins them.
std::span<const OperatorRow> source_operators();
std::span<const OperatorRow> conv_operators();
std::span<const OperatorRow> local_operators();
std::span<const OperatorRow> pool_operators();
std::span<const OperatorRow> elementwise_operators();
std::span<const OperatorRow> convert_operators();
std::span<const OperatorRow> shape_operators();
std::span<const OperatorRow> index_operators();
std::span<const OperatorRow> relayout_operators();
std::span<const OperatorRow> reduce_operators();
std::span<const OperatorRow> matmul_operators();
std::span<const OperatorRow> norm_operators();
std::span<const OperatorRow> image_operators();
std::span<const OperatorRow> check_operators();

// Values whose form in another layout is already in the graph, so that a chain of operators in a
// packed layout does not unpack and pack in between.
struct KnownLayouts {
  std::map<std::pair<ValueId, std::string>, ValueId> plain_of, packed_of;
};

// What lives as long as the lowering of one graph.
struct GraphState {
  const RawGraph& file;
  ModelFile& model;
  KnownLayouts layouts;
  Budget copied_bytes;  // of tensors that cannot be borrowed
  Budget name_bytes;
};

// One operator while it is lowered. References to the graph's types end when a node is added.
struct Context {
  GraphState& state;
  const RawOperator& op;
  std::vector<ValueId> inputs;
  std::string name;         // of the nodes it adds
  std::string output_name;  // when a lowering function sets it: replaces the file's name

  Graph& graph() { return state.model.graph; }
  // Input i, which must be there.
  ValueId input(std::size_t i) const;
  bool has_input(std::size_t i) const { return i < inputs.size(); }
  const TensorType& type(ValueId id) { return graph().type(id); }
  void expect_inputs(std::size_t least, std::size_t most) const;

  // The parameter of type P, which must be there.
  template <typename P>
  const P& param() const;

  // The output's element type, where the file states it.
  std::optional<OutputSpec> output_spec() const;
  // A convolution format, as files since v1.4 number them.
  fbs::ConvFormat format(std::uint32_t number) const;

  template <typename T>
  ValueId add(T operation, std::vector<ValueId> values) {
    return graph().add(make_op<T>(std::move(operation)), std::move(values), name);
  }
  template <typename T>
  std::vector<ValueId> add_all(T operation, std::vector<ValueId> values) {
    return graph().add_node(make_op<T>(std::move(operation)), std::move(values), name);
  }
  ValueId integers(std::span<const std::int64_t> values);  // a constant vector, s32
  ValueId integers(std::initializer_list<std::int64_t> values) {
    return integers(std::span(values.begin(), values.size()));
  }
  ValueId scalar(float value);  // a constant {1}, f32
  // The same elements in another shape; for a constant no node is needed.
  ValueId reshape(ValueId value, const Shape& shape);
  ValueId transpose(ValueId value, std::vector<std::int64_t> permutation);
};

[[noreturn]] inline void unsupported(std::string message, std::string hint = {}) {
  throw Error(StatusCode::unsupported, std::move(message), {}, std::move(hint));
}
[[noreturn]] inline void invalid(std::string message) {
  throw Error(StatusCode::invalid_model, std::move(message));
}

template <typename P>
const P& Context::param() const {
  for (const RawParam& param : op.params)
    if (param.type == fbs::OperatorParamTraits<P>::enum_value && param.table != nullptr)
      return *static_cast<const P*>(param.table);
  invalid(concat("the operator lacks its parameter ",
                 fbs::EnumNameOperatorParam(fbs::OperatorParamTraits<P>::enum_value)));
}

// The row of an operator id, or nullptr.
const OperatorRow* find_operator(std::uint64_t type_id);
// The name of an operator that MegEngine has and this reader lacks; empty for an unknown id.
std::string_view name_of_unsupported(std::uint64_t type_id);

// Fills model.graph, model.checks and model.warnings.
void lower_graph(const RawGraph& file, std::size_t file_bytes, ModelFile& model);

}  // namespace octet::mge
