#include "formats/mge/lower.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "base/checked.hpp"
#include "base/error.hpp"
#include "base/limits.hpp"
#include "formats/mge/container.hpp"
#include "formats/mge/types.hpp"
#include "ops/move.hpp"
#include "ops/shape.hpp"

namespace octet::mge {

ValueId Context::input(std::size_t i) const {
  if (i >= inputs.size())
    invalid(concat("the operator has ", inputs.size(), " inputs; it needs at least ", i + 1));
  return inputs[i];
}

void Context::expect_inputs(std::size_t least, std::size_t most) const {
  if (inputs.size() < least || inputs.size() > most)
    invalid(concat("the operator has ", inputs.size(), " inputs; it takes ", least,
                   least == most ? "" : concat(" to ", most)));
}

std::optional<OutputSpec> Context::output_spec() const {
  if (op.output_dtype == nullptr) return std::nullopt;
  return spec_of(op.output_dtype);
}

fbs::ConvFormat Context::format(std::uint32_t number) const {
  if (!has_legacy_formats(state.file)) {
    if (number > static_cast<std::uint32_t>(fbs::ConvFormat::MAX))
      invalid(concat("the unknown convolution format ", number));
    return static_cast<fbs::ConvFormat>(number);
  }
  if (number > static_cast<std::uint32_t>(fbs::LegacyConvFormat::MAX))
    invalid(concat("the unknown convolution format ", number));
  // MegBrain 8.3 to 8.5 ended the list with CHWN4 right after the winograd forms.
  constexpr std::uint32_t kMegBrain6 = 800'600;
  const auto legacy = static_cast<fbs::LegacyConvFormat>(number);
  if (legacy == fbs::LegacyConvFormat::NCHW4_NCHW32 && state.file.version < kMegBrain6)
    return fbs::ConvFormat::CHWN4;
  const char* legacy_name = fbs::EnumNameLegacyConvFormat(legacy);
  for (const fbs::ConvFormat today : fbs::EnumValuesConvFormat())
    if (std::string_view(fbs::EnumNameConvFormat(today)) == legacy_name) return today;
  unsupported(concat("the tensor format ", legacy_name, " is not supported"),
              "dump the model without winograd-transform");
}

ValueId Context::integers(std::span<const std::int64_t> values) {
  std::vector<std::int32_t> narrow;
  for (const std::int64_t value : values) narrow.push_back(checked_cast<std::int32_t>(value));
  const TensorType type{DType::s32, Shape{static_cast<std::int64_t>(narrow.size())}, kNCHW,
                        std::nullopt};
  return graph().add_constant(Tensor::from<std::int32_t>(type, narrow));
}

ValueId Context::scalar(float value) {
  const TensorType type{DType::f32, Shape{1}, kNCHW, std::nullopt};
  return graph().add_constant(Tensor::from<float>(type, std::span(&value, 1)));
}

ValueId Context::reshape(ValueId value, const Shape& shape) {
  if (type(value).shape == shape) return value;
  const Value& source = graph().value(value);
  if (source.is_constant() && source.type.shape.elements() == shape.elements()) {
    TensorType reshaped = source.type;
    reshaped.shape = shape;
    return graph().add_constant(source.known->with_type(std::move(reshaped)), source.name);
  }
  return add(Reshape(), {value, integers(shape.extents())});
}

ValueId Context::transpose(ValueId value, std::vector<std::int64_t> permutation) {
  if (std::is_sorted(permutation.begin(), permutation.end())) return value;
  Transpose transpose;
  transpose.permutation = std::move(permutation);
  return add(std::move(transpose), {value});
}

namespace {

// Walks the operators of a file and keeps the values they give by the file's numbers.
class GraphLowering {
 public:
  GraphLowering(const RawGraph& file, std::size_t file_bytes, ModelFile& model)
      : file_(file),
        state_{file,
               model,
               {},
               // Unpacking 4-bit values doubles them; the rest allows for tiny files.
               Budget("copies of the file's tensors", 2 * file_bytes + (1u << 20)),
               Budget("the names in the file", file_bytes + (1u << 20))} {}

  void run() {
    for (const RawOperator& op : file_.operators) lower(op);
    add_outputs();
  }

 private:
  void lower(const RawOperator& op) {
    const std::size_t index = next_operator_++;
    const OperatorRow* row = find_operator(op.type_id);
    if (row == nullptr) refuse_unknown(op, index);
    try {
      Context context{state_, op, inputs_of(op), node_name(op), {}};
      define(op, row->lower(context), context.output_name);
    } catch (const Error& error) {
      throw at_place(error, concat("operator ", index, op.name.empty() ? "" : " \"", op.name,
                                   op.name.empty() ? "" : "\"", " (", row->name, ")"));
    }
  }

  [[noreturn]] static void refuse_unknown(const RawOperator& op, std::size_t index) {
    std::string_view name = name_of_unsupported(op.type_id);
    if (name.empty()) name = op.type;
    throw Error(StatusCode::unsupported,
                name.empty() ? concat("an operator has the unknown type id ", op.type_id)
                             : concat("the operator ", name, " is not supported"),
                concat("operator ", index));
  }

  std::vector<ValueId> inputs_of(const RawOperator& op) const {
    std::vector<ValueId> inputs;
    for (const std::uint32_t number : op.inputs) inputs.push_back(value(number));
    return inputs;
  }

  ValueId value(std::uint32_t number) const {
    if (number >= values_.size() || values_[number] == kNoValue)
      invalid(concat("value ", number, " is used before any operator gives it"));
    return values_[number];
  }

  // The operator's own name or, as most dumps keep none, that of its first output.
  std::string node_name(const RawOperator& op) {
    std::string_view name = op.name;
    if (name.empty() && !op.output_names.empty()) name = op.output_names.front();
    if (name.empty() && op.outputs && !op.outputs->empty() &&
        op.outputs->front() < file_.value_names.size())
      name = file_.value_names[op.outputs->front()];
    return keep(name);
  }

  std::string keep(std::string_view name) {
    state_.name_bytes.spend(name.size());
    return std::string(name);
  }

  void define(const RawOperator& op, const std::vector<ValueId>& results,
              const std::string& output_name) {
    if (op.outputs && op.outputs->size() != results.size())
      invalid(
          concat("the operator lists ", op.outputs->size(), " outputs; it has ", results.size()));
    for (std::size_t i = 0; i < results.size(); ++i) {
      const std::size_t number = op.outputs ? (*op.outputs)[i] : values_.size();
      if (number >= limits::kValues)
        throw Error(StatusCode::resource_exhausted,
                    concat("a value has the number ", number, "; the limit is ", limits::kValues));
      if (number >= values_.size()) {
        values_.resize(number + 1, kNoValue);
        names_.resize(number + 1);
      }
      if (values_[number] != kNoValue) invalid(concat("value ", number, " is given twice"));
      values_[number] = results[i];
      if (results[i] == kNoValue) continue;  // an output that has no meaning in inference
      if (i < op.output_names.size()) names_[number] = keep(op.output_names[i]);
      if (number < file_.value_names.size()) names_[number] = keep(file_.value_names[number]);
      if (!output_name.empty()) names_[number] = output_name;
      Graph& graph = state_.model.graph;
      if (graph.value(results[i]).name.empty()) graph.rename(results[i], names_[number]);
    }
  }

  void add_outputs() {
    if (file_.outputs.empty()) throw Error(StatusCode::invalid_model, "the graph has no outputs");
    std::set<std::string> taken;
    for (const RawOutput& output : file_.outputs) {
      const ValueId id = value(output.value);
      std::string name = output.name.empty() ? names_[output.value] : keep(output.name);
      if (name.empty()) name = concat("output", taken.size());
      if (!taken.insert(name).second) {
        name = concat(name, "#", output.value);
        taken.insert(name);
      }
      state_.model.graph.add_output(id, std::move(name));
    }
  }

  const RawGraph& file_;
  GraphState state_;
  std::size_t next_operator_ = 0;
  std::vector<ValueId> values_;  // by the file's number
  std::vector<std::string> names_;
};

}  // namespace

void lower_graph(const RawGraph& file, std::size_t file_bytes, ModelFile& model) {
  GraphLowering(file, file_bytes, model).run();
  model.graph.compact();  // what only computed the error of an AssertEqual goes
}

}  // namespace octet::mge
