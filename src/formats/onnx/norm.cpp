// Normalisations.
#include "ops/norm.hpp"

#include "base/format.hpp"
#include "formats/onnx/elementwise.hpp"
#include "formats/onnx/index_grid.hpp"
#include "formats/onnx/op_table.hpp"
#include "ops/reduce.hpp"
#include "ops/shape.hpp"

namespace octet::onnx {
namespace {

double epsilon_of(const OnnxNode& node) {
  return double{node.attributes().number("epsilon", 1e-5f)};
}

std::vector<ValueId> batch_normalization(OnnxNode& node) {
  node.attributes().ignore({"momentum"});
  if (node.attributes().flag("training_mode", false))
    node.unsupported("training mode is not supported");
  if (!node.attributes().flag("spatial", true)) node.unsupported("spatial = 0 is not supported");
  BatchNorm op;
  op.epsilon = epsilon_of(node);
  return {node.add(make_op<BatchNorm>(op),
                   {node.input(0), node.input(1), node.input(2), node.input(3), node.input(4)})};
}

std::vector<ValueId> instance_normalization(OnnxNode& node) {
  InstanceNorm op;
  op.epsilon = epsilon_of(node);
  return {node.add(make_op<InstanceNorm>(op), {node.input(0), node.input(1), node.input(2)})};
}

std::vector<ValueId> layer_normalization(OnnxNode& node) {
  node.attributes().ignore({"stash_type"});  // the statistics are always f32
  const std::int64_t axis = node.axis(node.attributes().integer("axis", -1), node.rank(0));
  LayerNorm op;
  op.axes = node.rank(0) - axis;
  op.epsilon = epsilon_of(node);
  op.keep_dims = true;
  std::vector<ValueId> inputs{node.input(0), node.input(1)};
  if (node.has_input(2)) {
    inputs.push_back(node.input(2));
  } else {
    const ValueId zero = node.constant(0.0f);
    inputs.push_back(
        node.add(make_op<Expand>(), {zero, node.add(make_op<ShapeOf>(), {node.input(1)})}));
  }
  return node.add_node(make_op<LayerNorm>(op), std::move(inputs));
}

std::vector<ValueId> lrn(OnnxNode& node) {
  LocalResponseNorm op;
  op.size = node.attributes().required_integer("size");
  op.alpha = node.attributes().number("alpha", 1e-4f);
  op.beta = node.attributes().number("beta", 0.75f);
  op.bias = node.attributes().number("bias", 1.0f);
  return {node.add(make_op<LocalResponseNorm>(op), {node.input(0)})};
}

ValueId reduced(const OnnxNode& node, ValueId x, ReduceMode mode, std::vector<std::int64_t> axes) {
  Reduce op;
  op.mode = mode;
  op.axes = std::move(axes);
  return node.add(make_op<Reduce>(op), {x});
}

// (x - mean) / (deviation + 1e-9)
std::vector<ValueId> mean_variance_normalization(OnnxNode& node) {
  std::vector<std::int64_t> axes = node.attributes().integers("axes");
  if (axes.empty()) axes = {0, 2, 3};
  const ValueId x = node.input(0);
  const ValueId centred = apply(node, Mode::sub, {x, reduced(node, x, ReduceMode::mean, axes)});
  const ValueId variance =
      reduced(node, apply(node, Mode::square, {centred}), ReduceMode::mean, axes);
  const ValueId deviation =
      apply(node, Mode::add, {apply(node, Mode::sqrt, {variance}), node.constant(1e-9f)});
  return {apply(node, Mode::div, {centred, deviation})};
}

std::vector<ValueId> lp_normalization(OnnxNode& node) {
  const std::int64_t p = node.attributes().integer("p", 2);
  if (p != 1 && p != 2) node.invalid(concat("the norm of order ", p, " does not exist"));
  const std::int64_t axis = node.attributes().integer("axis", -1);
  const ValueId x = node.input(0);
  return {apply(node, Mode::div,
                {x, reduced(node, x, p == 1 ? ReduceMode::l1 : ReduceMode::l2, {axis})})};
}

// Each group of channels is normalised as an instance of its own, then scaled and shifted: per
// channel since opset 21, per group before.
std::vector<ValueId> group_normalization(OnnxNode& node) {
  node.attributes().ignore({"stash_type"});
  const std::int64_t groups = node.attributes().required_integer("num_groups");
  const std::int64_t channels = node.rank(0) >= 3 ? node.shape(0)[1] : 0;
  if (groups < 1 || channels < 1 || channels % groups != 0)
    node.invalid(
        concat(groups, " groups do not divide ", node.shape(0).to_string(), " along its channels"));
  const std::vector<float> ones(static_cast<std::size_t>(groups), 1.0f), zeros(ones.size(), 0.0f);
  InstanceNorm op;
  op.epsilon = epsilon_of(node);
  const ValueId x = node.input(0), shape = node.add(make_op<ShapeOf>(), {x});
  const auto as_groups = [&](ValueId v, std::vector<std::int64_t> to) {
    Reshape reshape;
    reshape.zero_copies = true;
    return node.add(make_op<Reshape>(reshape), {v, node.constant(to)});
  };
  const ValueId normal =
      node.add(make_op<InstanceNorm>(op),
               {as_groups(x, {0, groups, -1}), node.constant(ones), node.constant(zeros)});
  if (node.opset() < 21) {  // one factor per group
    const ValueId scaled = apply(node, Mode::mul, {normal, as_groups(node.input(1), {groups, 1})});
    const ValueId shifted = apply(node, Mode::add, {scaled, as_groups(node.input(2), {groups, 1})});
    return {node.add(make_op<Reshape>(), {shifted, shape})};
  }
  const ValueId flat = as_groups(node.add(make_op<Reshape>(), {normal, shape}), {0, channels, -1});
  const ValueId scaled = apply(node, Mode::mul, {flat, as_groups(node.input(1), {channels, 1})});
  const ValueId shifted = apply(node, Mode::add, {scaled, as_groups(node.input(2), {channels, 1})});
  return {node.add(make_op<Reshape>(), {shifted, shape})};
}

constexpr OpRow kRows[] = {
    {"BatchNormalization", kFirstOpset, kLastOpset, Operands::f32, batch_normalization},
    {"GroupNormalization", 18, kLastOpset, Operands::f32, group_normalization},
    {"InstanceNormalization", kFirstOpset, kLastOpset, Operands::f32, instance_normalization},
    {"LRN", kFirstOpset, kLastOpset, Operands::f32, lrn},
    {"LayerNormalization", 17, kLastOpset, Operands::f32, layer_normalization},
    {"LpNormalization", kFirstOpset, kLastOpset, Operands::f32, lp_normalization},
    {"MeanVarianceNormalization", 9, kLastOpset, Operands::f32, mean_variance_normalization},
};

}  // namespace

std::span<const OpRow> norm_operators() { return kRows; }

}  // namespace octet::onnx
