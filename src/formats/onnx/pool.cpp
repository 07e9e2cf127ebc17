// MaxPool, AveragePool and their global forms.
#include "ops/pool.hpp"

#include "formats/onnx/op_table.hpp"
#include "formats/onnx/window.hpp"

namespace octet::onnx {
namespace {

ValueId add_pool(const OnnxNode& node, const Geometry& geometry, Pool2d op) {
  const ValueId pooled = node.add(make_op<Pool2d>(op), {to_2d(node, geometry, node.input(0))});
  return from_2d(node, geometry, pooled);
}

Pool2d windowed(const OnnxNode& node, const Geometry& geometry, PoolMode mode) {
  Pool2d op;
  op.mode = mode;
  op.kernel = geometry.kernel;
  op.window = geometry.window;
  op.ceil_mode = node.attributes().flag("ceil_mode", false);
  op.rule = QuantRule::onnx;
  return op;
}

std::vector<ValueId> max_pool(OnnxNode& node) {
  node.attributes().ignore({"storage_order"});  // of the second output, which is not supported
  const Geometry geometry = read_geometry(node);
  return {add_pool(node, geometry, windowed(node, geometry, PoolMode::max))};
}

std::vector<ValueId> average_pool(OnnxNode& node) {
  const bool counts_padding = node.attributes().flag("count_include_pad", false);
  const Geometry geometry = read_geometry(node);
  const PoolMode mode = counts_padding ? PoolMode::average : PoolMode::average_exclude_padding;
  return {add_pool(node, geometry, windowed(node, geometry, mode))};
}

template <PoolMode mode>
std::vector<ValueId> global_pool(OnnxNode& node) {
  if (node.rank(0) != 3 && node.rank(0) != 4)
    node.unsupported("global pooling is supported over {N,C,W} and {N,C,H,W} alone");
  Geometry geometry;
  geometry.one_dimensional = node.rank(0) == 3;
  Pool2d op;
  op.mode = mode;
  op.global = true;
  op.rule = QuantRule::onnx;
  return {add_pool(node, geometry, op)};
}

constexpr OpRow kRows[] = {
    {"AveragePool", kFirstOpset, kLastOpset, Operands::f32, average_pool},
    {"GlobalAveragePool", kFirstOpset, kLastOpset, Operands::f32, global_pool<PoolMode::average>},
    {"GlobalMaxPool", kFirstOpset, kLastOpset, Operands::quantised_f32, global_pool<PoolMode::max>},
    {"MaxPool", kFirstOpset, kLastOpset, Operands::quantised_f32, max_pool},
};

}  // namespace

std::span<const OpRow> pool_operators() { return kRows; }

}  // namespace octet::onnx
