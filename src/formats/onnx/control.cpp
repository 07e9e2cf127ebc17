// If whose condition is known when the model is read. (Loop and Scan have no row.)
#include "formats/onnx/op_table.hpp"

namespace octet::onnx {
namespace {

std::vector<ValueId> if_known(OnnxNode& node) {
  const auto* then_branch = node.attributes().graph("then_branch");
  const auto* else_branch = node.attributes().graph("else_branch");
  if (then_branch == nullptr || else_branch == nullptr) node.invalid("a branch is missing");
  const auto condition = node.known_integers(0, "the condition");
  if (condition.size() != 1) node.invalid("the condition is not one boolean");
  return node.environment().inline_subgraph(condition[0] != 0 ? *then_branch : *else_branch);
}

constexpr OpRow kRows[] = {{"If", kFirstOpset, kLastOpset, Operands::plain, if_known}};

}  // namespace

std::span<const OpRow> control_operators() { return kRows; }

}  // namespace octet::onnx
