// Operators that make values: constants, ranges, matrices with a diagonal.
#include "base/format.hpp"
#include "formats/onnx/elementwise.hpp"
#include "formats/onnx/index_grid.hpp"
#include "formats/onnx/op_table.hpp"
#include "formats/onnx/tensor_reader.hpp"
#include "ops/convert.hpp"
#include "ops/move.hpp"
#include "ops/shape.hpp"

namespace octet::onnx {
namespace {

std::vector<ValueId> constant(OnnxNode& node) {
  const Attributes& attributes = node.attributes();
  if (const auto* tensor = attributes.tensor("value"))
    return {node.graph().add_constant(node.environment().read_tensor(*tensor), node.name())};
  if (attributes.has("value_float")) return {node.constant(attributes.number("value_float", 0.0f))};
  if (attributes.has("value_floats")) return {node.constant(attributes.numbers("value_floats"))};
  if (attributes.has("value_int")) return {node.scalar(attributes.integer("value_int", 0))};
  if (attributes.has("value_ints")) return {node.constant(attributes.integers("value_ints"))};
  attributes.require_all_used();
  node.invalid("the constant has no value");
}

std::vector<ValueId> constant_of_shape(OnnxNode& node) {
  ConstantOfShape op;
  op.value = scalar_tensor(DType::f32, 0.0);
  if (const auto* tensor = node.attributes().tensor("value")) {
    op.value = node.environment().read_tensor(*tensor);
    if (op.value.shape().elements() != 1) node.invalid("the attribute value must have one element");
  }
  return {node.add(make_op<ConstantOfShape>(op), {node.input(0)})};
}

std::vector<ValueId> range(OnnxNode& node) {
  return {node.add(make_op<Range>(), {node.input(0), node.input(1), node.input(2)})};
}

// Ones where column - row = k.
std::vector<ValueId> eye_like(OnnxNode& node) {
  if (node.rank(0) != 2) node.invalid("EyeLike takes a matrix");
  const auto declared = static_cast<int>(node.attributes().integer("dtype", 0));
  const DType dtype = declared == 0 ? node.type(0).dtype : read_dtype(declared);
  const ValueId k = node.scalar(node.attributes().integer("k", 0));
  return {node.cast(apply(node, Mode::equal, {diagonals(node, node.input(0)), k}), dtype)};
}

// Inputs: x, k or absent. Keeps the part above or below the k-th diagonal.
std::vector<ValueId> trilu(OnnxNode& node) {
  if (node.rank(0) < 2) node.invalid("Trilu takes matrices");
  const bool upper = node.attributes().flag("upper", true);
  const ValueId k = node.has_input(1) ? node.input(1) : node.scalar(0);
  const ValueId kept = apply(node, upper ? Mode::greater_equal : Mode::less_equal,
                             {diagonals(node, node.input(0)), k});
  return {apply(node, Mode::where, {kept, node.input(0), node.constant_like(0, 0.0)})};
}

constexpr OpRow kRows[] = {
    {"Constant", kFirstOpset, kLastOpset, Operands::as_is, constant},
    {"ConstantOfShape", 9, kLastOpset, Operands::plain, constant_of_shape},
    {"EyeLike", 9, kLastOpset, Operands::plain, eye_like},
    {"Range", 11, kLastOpset, Operands::plain, range},
    {"Trilu", 14, kLastOpset, Operands::plain, trilu},
};

}  // namespace

std::span<const OpRow> generate_operators() { return kRows; }

}  // namespace octet::onnx
