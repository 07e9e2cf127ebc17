// Reductions, softmax, cumulative sums.
#include "ops/reduce.hpp"

#include "formats/onnx/axes.hpp"
#include "formats/onnx/op_table.hpp"
#include "ops/pool.hpp"
#include "ops/shape.hpp"

namespace octet::onnx {
namespace {

// True for the mean over the map of each channel of {N,C,H,W}, which is a global pooling.
bool is_map_mean(const OnnxNode& node, ReduceMode mode, const std::vector<std::int64_t>& axes) {
  if (mode != ReduceMode::mean || node.rank(0) != 4 || axes.size() != 2 ||
      node.type(0).dtype != DType::f32)
    return false;
  const std::int64_t a = node.axis(axes[0], 4), b = node.axis(axes[1], 4);
  return std::min(a, b) == 2 && std::max(a, b) == 3;
}

ValueId map_mean(const OnnxNode& node, bool keep_dims) {
  Pool2d pool;
  pool.mode = PoolMode::average;
  pool.global = true;
  pool.rule = QuantRule::onnx;
  const ValueId mean = node.add(make_op<Pool2d>(pool), {node.input(0)});
  if (keep_dims) return mean;
  Squeeze squeeze;
  squeeze.axes = {2, 3};
  return node.add(make_op<Squeeze>(squeeze), {mean});
}

// Without axes nothing is reduced, but |x| and x^2 are still taken: a reduction over an axis of
// extent 1.
ValueId each_element(const OnnxNode& node, Reduce op) {
  Unsqueeze unsqueeze;
  unsqueeze.axes = {0};
  op.axes = {0};
  op.keep_dims = false;
  return node.add(make_op<Reduce>(op), {node.add(make_op<Unsqueeze>(unsqueeze), {node.input(0)})});
}

template <ReduceMode mode, int axes_input_since>
std::vector<ValueId> reduce(OnnxNode& node) {
  Reduce op;
  op.mode = mode;
  op.axes = read_axes(node, 1, axes_input_since);
  op.keep_dims = node.attributes().flag("keepdims", true);
  const bool noop = node.attributes().flag("noop_with_empty_axes", false);
  if (op.axes.empty() && noop) return {each_element(node, op)};
  if (is_map_mean(node, mode, op.axes)) return {map_mean(node, op.keep_dims)};
  return {node.add(make_op<Reduce>(op), {node.input(0)})};
}

template <bool logarithm>
std::vector<ValueId> softmax(OnnxNode& node) {
  Softmax op;
  op.log = logarithm;
  op.flatten_from = node.opset() < 13;
  op.axis = node.attributes().integer("axis", op.flatten_from ? 1 : -1);
  return {node.add(make_op<Softmax>(op), {node.input(0)})};
}

std::vector<ValueId> cumsum(OnnxNode& node) {
  CumSum op;
  op.exclusive = node.attributes().flag("exclusive", false);
  op.reverse = node.attributes().flag("reverse", false);
  return {node.add(make_op<CumSum>(op), {node.input(0), node.input(1)})};
}

constexpr OpRow kRows[] = {
    {"CumSum", 11, kLastOpset, Operands::f32, cumsum},
    {"LogSoftmax", kFirstOpset, kLastOpset, Operands::f32, softmax<true>},
    {"ReduceL1", kFirstOpset, kLastOpset, Operands::f32, reduce<ReduceMode::l1, 18>},
    {"ReduceL2", kFirstOpset, kLastOpset, Operands::f32, reduce<ReduceMode::l2, 18>},
    {"ReduceLogSum", kFirstOpset, kLastOpset, Operands::f32, reduce<ReduceMode::log_sum, 18>},
    {"ReduceLogSumExp", kFirstOpset, kLastOpset, Operands::f32,
     reduce<ReduceMode::log_sum_exp, 18>},
    {"ReduceMax", kFirstOpset, kLastOpset, Operands::f32, reduce<ReduceMode::max, 18>},
    {"ReduceMean", kFirstOpset, kLastOpset, Operands::f32, reduce<ReduceMode::mean, 18>},
    {"ReduceMin", kFirstOpset, kLastOpset, Operands::f32, reduce<ReduceMode::min, 18>},
    {"ReduceProd", kFirstOpset, kLastOpset, Operands::f32, reduce<ReduceMode::product, 18>},
    {"ReduceSum", kFirstOpset, kLastOpset, Operands::f32, reduce<ReduceMode::sum, 13>},
    {"ReduceSumSquare", kFirstOpset, kLastOpset, Operands::f32, reduce<ReduceMode::sum_square, 18>},
    {"Softmax", kFirstOpset, kLastOpset, Operands::f32, softmax<false>},
};

}  // namespace

std::span<const OpRow> reduce_operators() { return kRows; }

}  // namespace octet::onnx
