// Operators that pick or replace elements by index.
#include "base/format.hpp"
#include "formats/onnx/op_table.hpp"
#include "ops/move.hpp"

namespace octet::onnx {
namespace {

std::vector<ValueId> gather(OnnxNode& node) {
  Gather op;
  op.axis = node.attributes().integer("axis", 0);
  return {node.add(make_op<Gather>(op), {node.input(0), node.input(1)})};
}

std::vector<ValueId> gather_elements(OnnxNode& node) {
  GatherElements op;
  op.axis = node.attributes().integer("axis", 0);
  return {node.add(make_op<GatherElements>(op), {node.input(0), node.input(1)})};
}

std::vector<ValueId> gather_nd(OnnxNode& node) {
  GatherND op;
  op.batch_dims = node.attributes().integer("batch_dims", 0);
  return {node.add(make_op<GatherND>(op), {node.input(0), node.input(1)})};
}

void refuse_reduction(const OnnxNode& node) {
  const std::string reduction = node.attributes().text("reduction", "none");
  if (reduction != "none")
    node.unsupported(concat("the reduction \"", reduction, "\" is not supported"));
}

std::vector<ValueId> scatter_nd(OnnxNode& node) {
  refuse_reduction(node);
  return {node.add(make_op<ScatterND>(), {node.input(0), node.input(1), node.input(2)})};
}

std::vector<ValueId> scatter_elements(OnnxNode& node) {
  refuse_reduction(node);
  ScatterElements op;
  op.axis = node.attributes().integer("axis", 0);
  return {node.add(make_op<ScatterElements>(op), {node.input(0), node.input(1), node.input(2)})};
}

std::vector<ValueId> one_hot(OnnxNode& node) {
  OneHot op;
  op.axis = node.attributes().integer("axis", -1);
  return {node.add(make_op<OneHot>(op), {node.input(0), node.input(1), node.input(2)})};
}

constexpr OpRow kRows[] = {
    {"Gather", kFirstOpset, kLastOpset, Operands::as_is, gather},
    {"GatherElements", 11, kLastOpset, Operands::as_is, gather_elements},
    {"GatherND", 11, kLastOpset, Operands::as_is, gather_nd},
    {"OneHot", 9, kLastOpset, Operands::plain, one_hot},
    {"Scatter", 9, 10, Operands::plain, scatter_elements},
    {"ScatterElements", 11, kLastOpset, Operands::plain, scatter_elements},
    {"ScatterND", 11, kLastOpset, Operands::plain, scatter_nd},
};

}  // namespace

std::span<const OpRow> gather_operators() { return kRows; }

}  // namespace octet::onnx
