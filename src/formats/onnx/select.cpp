// Operators that find the largest or smallest elements.
#include "formats/onnx/elementwise.hpp"
#include "formats/onnx/index_grid.hpp"
#include "formats/onnx/op_table.hpp"
#include "ops/convert.hpp"
#include "ops/reduce.hpp"
#include "ops/shape.hpp"

namespace octet::onnx {
namespace {

ValueId add_arg_reduce(const OnnxNode& node, ValueId x, ArgReduce op) {
  return node.add(make_op<ArgReduce>(op), {x});
}

template <bool largest>
std::vector<ValueId> arg_reduce(OnnxNode& node) {
  ArgReduce op;
  op.largest = largest;
  op.axis = node.attributes().integer("axis", 0);
  op.keep_dims = node.attributes().flag("keepdims", true);
  op.last = node.attributes().flag("select_last_index", false);
  return {add_arg_reduce(node, node.input(0), op)};
}

std::vector<ValueId> topk(OnnxNode& node) {
  TopK op;
  op.axis = node.attributes().integer("axis", -1);
  op.largest = node.attributes().flag("largest", true);
  op.sorted = node.attributes().flag("sorted", true);
  if (node.opset() >= 10) return node.add_node(make_op<TopK>(op), {node.input(0), node.input(1)});
  const std::int64_t k = node.attributes().required_integer("k");
  return node.add_node(make_op<TopK>(op), {node.input(0), node.constant(std::span(&k, 1))});
}

// 1 where the first largest element along `axis` is, 0 elsewhere.
ValueId one_hot_maximum(const OnnxNode& node, ValueId x, std::int64_t axis) {
  ArgReduce arg;
  arg.axis = axis;
  Unsqueeze unsqueeze;  // indices {n} -> {n,1,1,...}, along `axis`
  const auto rank = static_cast<std::int64_t>(node.graph().type(x).shape.rank());
  for (std::int64_t i = 1; i < rank - axis; ++i) unsqueeze.axes.push_back(i);
  ValueId indices = indices_along(node, x, axis);
  if (!unsqueeze.axes.empty()) indices = node.add(make_op<Unsqueeze>(unsqueeze), {indices});
  return node.cast(apply(node, Mode::equal, {add_arg_reduce(node, x, arg), indices}), DType::f32);
}

// Before opset 13 the axes from `axis` on count as one.
std::vector<ValueId> hardmax(OnnxNode& node) {
  const ValueId x = node.input(0);
  if (node.opset() >= 13)
    return {
        one_hot_maximum(node, x, node.axis(node.attributes().integer("axis", -1), node.rank(0)))};
  Flatten flatten;
  flatten.axis = node.axis(node.attributes().integer("axis", 1), node.rank(0));
  const ValueId flat = one_hot_maximum(node, node.add(make_op<Flatten>(flatten), {x}), 1);
  return {node.add(make_op<Reshape>(), {flat, node.add(make_op<ShapeOf>(), {x})})};
}

constexpr OpRow kRows[] = {
    {"ArgMax", kFirstOpset, kLastOpset, Operands::f32, arg_reduce<true>},
    {"ArgMin", kFirstOpset, kLastOpset, Operands::f32, arg_reduce<false>},
    {"Hardmax", kFirstOpset, kLastOpset, Operands::f32, hardmax},
    {"TopK", kFirstOpset, kLastOpset, Operands::f32, topk},
};

}  // namespace

std::span<const OpRow> select_operators() { return kRows; }

}  // namespace octet::onnx
