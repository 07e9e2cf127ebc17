// MaxPool, AveragePool and their global forms.
#include "formats/onnx/op_table.hpp"
#include "formats/onnx/pooling.hpp"

namespace octet::onnx {

Pool2d windowed_pool(const OnnxNode& node, const Geometry& geometry, PoolMode mode) {
  Pool2d op;
  op.mode = mode;
  op.kernel = geometry.kernel;
  op.window = geometry.window;
  op.ceil_mode = node.attributes().flag("ceil_mode", false);
  op.rule = QuantRule::onnx;
  return op;
}

PoolMode average_mode(const OnnxNode& node) {
  return node.attributes().flag("count_include_pad", false) ? PoolMode::average
                                                            : PoolMode::average_exclude_padding;
}

Pool2d global_pool(const OnnxNode& node, Geometry& geometry, PoolMode mode) {
  if (node.rank(0) != 3 && node.rank(0) != 4)
    node.unsupported("global pooling is supported over {N,C,W} and {N,C,H,W} alone");
  geometry.one_dimensional = node.rank(0) == 3;
  Pool2d op;
  op.mode = mode;
  op.global = true;
  op.rule = QuantRule::onnx;
  return op;
}

ValueId add_pool(const OnnxNode& node, const Geometry& geometry, const Pool2d& op, ValueId x) {
  return from_2d(node, geometry, node.add(make_op<Pool2d>(op), {to_2d(node, geometry, x)}));
}

namespace {

std::vector<ValueId> max_pool(OnnxNode& node) {
  node.attributes().ignore({"storage_order"});  // of the second output, which is not supported
  const Geometry geometry = read_geometry(node);
  const Pool2d op = windowed_pool(node, geometry, PoolMode::max);
  return {add_pool(node, geometry, op, node.input(0))};
}

std::vector<ValueId> average_pool(OnnxNode& node) {
  const Geometry geometry = read_geometry(node);
  const Pool2d op = windowed_pool(node, geometry, average_mode(node));
  return {add_pool(node, geometry, op, node.input(0))};
}

template <PoolMode mode>
std::vector<ValueId> pool_maps(OnnxNode& node) {
  Geometry geometry;
  const Pool2d op = global_pool(node, geometry, mode);
  return {add_pool(node, geometry, op, node.input(0))};
}

constexpr OpRow kRows[] = {
    {"AveragePool", kFirstOpset, kLastOpset, Operands::f32, average_pool},
    {"GlobalAveragePool", kFirstOpset, kLastOpset, Operands::f32, pool_maps<PoolMode::average>},
    {"GlobalMaxPool", kFirstOpset, kLastOpset, Operands::quantised_f32, pool_maps<PoolMode::max>},
    {"MaxPool", kFirstOpset, kLastOpset, Operands::quantised_f32, max_pool},
};

}  // namespace

std::span<const OpRow> pool_operators() { return kRows; }

}  // namespace octet::onnx
