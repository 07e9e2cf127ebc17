// MatMul and Gemm in floats.
#include "ops/matmul.hpp"

#include "formats/onnx/elementwise.hpp"
#include "formats/onnx/op_table.hpp"

namespace octet::onnx {
namespace {

std::vector<ValueId> matmul(OnnxNode& node) {
  MatMul op;
  op.rule = EpilogueRule::onnx;
  return {node.add(make_op<MatMul>(op), {node.input(0), node.input(1)})};
}

ValueId scaled(const OnnxNode& node, ValueId value, float factor) {
  return factor == 1.0f ? value : apply(node, Mode::mul, {value, node.constant(factor)});
}

// alpha * a * b + beta * c
std::vector<ValueId> gemm(OnnxNode& node) {
  MatMul op;
  op.transpose_a = node.attributes().flag("transA", false);
  op.transpose_b = node.attributes().flag("transB", false);
  op.rule = EpilogueRule::onnx;
  if (node.rank(0) != 2 || node.rank(1) != 2) node.invalid("Gemm takes matrices");
  const float alpha = node.attributes().number("alpha", 1.0f);
  const float beta = node.attributes().number("beta", 1.0f);
  std::vector<ValueId> inputs{node.input(0), node.input(1)};
  if (!node.has_input(2)) return {scaled(node, node.add(make_op<MatMul>(op), inputs), alpha)};
  const ValueId bias = scaled(node, node.input(2), beta);
  if (alpha == 1.0f) {
    inputs.push_back(bias);
    return {node.add(make_op<MatMul>(op), inputs)};
  }
  const ValueId product = scaled(node, node.add(make_op<MatMul>(op), inputs), alpha);
  return {apply(node, Mode::add, {product, bias})};
}

constexpr OpRow kRows[] = {
    {"Gemm", kFirstOpset, kLastOpset, Operands::f32, gemm},
    {"MatMul", kFirstOpset, kLastOpset, Operands::f32, matmul},
};

}  // namespace

std::span<const OpRow> matmul_operators() { return kRows; }

}  // namespace octet::onnx
