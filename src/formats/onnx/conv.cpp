// Conv and ConvTranspose in floats. (Between DequantizeLinear and QuantizeLinear normalise() makes
// integers of them.)
#include "ops/conv.hpp"

#include <algorithm>

#include "base/format.hpp"
#include "formats/onnx/op_table.hpp"
#include "formats/onnx/window.hpp"

namespace octet::onnx {
namespace {

std::vector<ValueId> operands(const OnnxNode& node, const Geometry& geometry) {
  std::vector<ValueId> inputs{to_2d(node, geometry, node.input(0)),
                              to_2d(node, geometry, node.input(1))};
  if (node.has_input(2)) inputs.push_back(node.input(2));
  return inputs;
}

std::span<const std::int64_t> filter_extents(const OnnxNode& node) {
  if (node.rank(1) != node.rank(0))
    node.invalid(
        concat("the filter ", node.shape(1).to_string(), " does not have the rank of the input"));
  return node.shape(1).extents().subspan(2);
}

std::vector<ValueId> conv(OnnxNode& node) {
  if (node.rank(0) < 3) node.unsupported("an input of rank < 3 is not supported");
  const Geometry geometry = read_geometry(node, filter_extents(node));
  Conv2d op;
  op.window = geometry.window;
  op.groups = node.attributes().integer("group", 1);
  op.rule = EpilogueRule::onnx;
  return {from_2d(node, geometry, node.add(make_op<Conv2d>(op), operands(node, geometry)))};
}

// The extent of the output without pads.
std::int64_t full_extent(const ConvTranspose2d& op, const Geometry& g, std::size_t axis,
                         std::int64_t extent) {
  return op.window.stride[axis] * (extent - 1) + (g.kernel[axis] - 1) * op.window.dilation[axis] +
         1 + op.output_padding[axis];
}

// Sets pads and output padding so that the output has the extent `wanted` instead of `full`.
void pad_to(ConvTranspose2d& op, std::size_t axis, std::int64_t full, std::int64_t wanted,
            bool upper) {
  const std::int64_t total = full - wanted;
  const std::int64_t less = std::max<std::int64_t>(total, 0) / 2;
  const std::int64_t more = std::max<std::int64_t>(total, 0) - less;
  op.window.pad[axis] = upper ? less : more;
  op.window.pad[axis + 2] = upper ? more : less;
  if (total < 0) op.output_padding[axis] -= total;
}

// The output extent comes from output_shape, or from auto_pad SAME: the input's times the stride,
// or less where that would need more than pads of 0, as in ONNX Runtime.
void read_output_shape(const OnnxNode& node, const Geometry& g, ConvTranspose2d& op) {
  const std::string auto_pad = node.attributes().text("auto_pad", "NOTSET");
  const bool has_shape = node.attributes().has("output_shape");
  const bool same = auto_pad == "SAME_UPPER" || auto_pad == "SAME_LOWER";
  if (!has_shape && !same) return;
  const auto wanted = spatial_pair(node, "output_shape", 1, g.one_dimensional);
  const Shape& x = node.shape(0);
  for (std::size_t axis = g.one_dimensional ? 1 : 0; axis < 2; ++axis) {
    const std::int64_t extent = x[x.rank() - 2 + axis];
    const std::int64_t full = full_extent(op, g, axis, extent);
    const std::int64_t same_extent = std::min(extent * op.window.stride[axis], full);
    pad_to(op, axis, full, has_shape ? wanted[axis] : same_extent, auto_pad == "SAME_UPPER");
  }
}

std::vector<ValueId> conv_transpose(OnnxNode& node) {
  if (node.rank(0) < 3) node.unsupported("an input of rank < 3 is not supported");
  const Geometry geometry = read_geometry(node, filter_extents(node));
  ConvTranspose2d op;
  op.window = geometry.window;
  op.groups = node.attributes().integer("group", 1);
  op.output_padding = spatial_pair(node, "output_padding", 0, geometry.one_dimensional);
  op.rule = EpilogueRule::onnx;
  read_output_shape(node, geometry, op);
  return {
      from_2d(node, geometry, node.add(make_op<ConvTranspose2d>(op), operands(node, geometry)))};
}

constexpr OpRow kRows[] = {
    {"Conv", kFirstOpset, kLastOpset, Operands::f32, conv},
    {"ConvTranspose", kFirstOpset, kLastOpset, Operands::f32, conv_transpose},
};

}  // namespace

std::span<const OpRow> conv_operators() { return kRows; }

}  // namespace octet::onnx
