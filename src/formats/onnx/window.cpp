#include "formats/onnx/window.hpp"

#include <algorithm>

#include "base/format.hpp"
#include "base/limits.hpp"
#include "ops/shape.hpp"

namespace octet::onnx {
namespace {

// The kernel's extent with the gaps of dilation.
std::int64_t span_of(const Geometry& g, std::size_t axis) {
  return (g.kernel[axis] - 1) * g.window.dilation[axis] + 1;
}

void set_pads(Geometry& g, std::size_t axis, std::int64_t begin, std::int64_t end) {
  g.window.pad[axis] = begin;
  g.window.pad[axis + 2] = end;
}

// SAME: as many outputs as the input has strides.
void pad_same(Geometry& g, const Shape& x, bool upper) {
  const std::size_t first = g.one_dimensional ? 1 : 0;
  for (std::size_t axis = first; axis < 2; ++axis) {
    const std::int64_t extent = x[x.rank() - 2 + axis];
    const std::int64_t stride = g.window.stride[axis];
    const std::int64_t outputs = (extent + stride - 1) / stride;
    const std::int64_t total =
        std::max<std::int64_t>((outputs - 1) * stride + span_of(g, axis) - extent, 0);
    const std::int64_t less = total / 2;
    set_pads(g, axis, upper ? less : total - less, upper ? total - less : less);
  }
}

void read_pads(const OnnxNode& node, Geometry& g) {
  const std::vector<std::int64_t> pads = node.attributes().integers("pads");
  if (pads.empty()) return;
  const std::size_t axes = g.one_dimensional ? 1 : 2;
  if (pads.size() != 2 * axes)
    node.invalid(concat("pads has ", pads.size(), " numbers, not ", 2 * axes));
  for (std::size_t i = 0; i < axes; ++i) set_pads(g, i + 2 - axes, pads[i], pads[i + axes]);
}

void check_limits(const OnnxNode& node, const Geometry& g) {
  for (const std::int64_t extent : g.kernel)
    if (extent < 1 || extent > limits::kExtent)
      node.invalid(concat("kernel_shape has the extent ", extent));
  check(g.window);
}

}  // namespace

void refuse_channels_last(const OnnxNode& node) {
  if (node.attributes().flag("channels_last", false))
    node.unsupported("the channels-last form is not supported");
}

std::array<std::int64_t, 2> spatial_pair(const OnnxNode& node, std::string_view name,
                                         std::int64_t fallback, bool one_dimensional) {
  const std::vector<std::int64_t> values = node.attributes().integers(name);
  const std::size_t axes = one_dimensional ? 1 : 2;
  if (values.empty()) return {fallback, fallback};
  if (values.size() != axes)
    node.invalid(concat(name, " has ", values.size(), " numbers, not ", axes));
  for (const std::int64_t value : values)
    if (value < -limits::kExtent || value > limits::kExtent)
      node.invalid(concat(name, " has the number ", value));
  return one_dimensional ? std::array{fallback, values[0]} : std::array{values[0], values[1]};
}

Geometry read_geometry(const OnnxNode& node, std::span<const std::int64_t> kernel) {
  const std::int64_t rank = node.rank(0);
  if (rank != 3 && rank != 4)
    node.unsupported(
        concat("an input of rank ", rank, " is not supported, only {N,C,W} and {N,C,H,W}"));
  Geometry g;
  g.one_dimensional = rank == 3;
  if (kernel.empty() || node.attributes().has("kernel_shape"))
    g.kernel = spatial_pair(node, "kernel_shape", 1, g.one_dimensional);
  if (kernel.empty() && !node.attributes().has("kernel_shape"))
    node.invalid("kernel_shape is missing");
  if (!kernel.empty()) {
    std::array<std::int64_t, 2> filter{1, kernel.back()};
    if (!g.one_dimensional) filter[0] = kernel.front();
    if (node.attributes().has("kernel_shape") && filter != g.kernel)
      node.invalid("kernel_shape is not the shape of the filter");
    g.kernel = filter;
  }
  g.window.stride = spatial_pair(node, "strides", 1, g.one_dimensional);
  g.window.dilation = spatial_pair(node, "dilations", 1, g.one_dimensional);
  const std::string auto_pad = node.attributes().text("auto_pad", "NOTSET");
  read_pads(node, g);
  check_limits(node, g);
  if (auto_pad == "SAME_UPPER" || auto_pad == "SAME_LOWER") {
    pad_same(g, node.shape(0), auto_pad == "SAME_UPPER");
  } else if (auto_pad == "VALID") {
    g.window.pad = {0, 0, 0, 0};
  } else if (auto_pad != "NOTSET") {
    node.invalid(concat("auto_pad \"", auto_pad, "\" does not exist"));
  }
  return g;
}

ValueId to_2d(const OnnxNode& node, const Geometry& geometry, ValueId value) {
  if (!geometry.one_dimensional) return value;
  const Value& source = node.graph().value(value);
  if (source.is_constant()) {
    TensorType type = source.type;
    if (type.shape.rank() != 3) node.invalid("the filter of a 1-D operator must have 3 axes");
    type.shape = Shape{type.shape[0], type.shape[1], 1, type.shape[2]};
    return node.graph().add_constant(source.known->with_type(std::move(type)), source.name);
  }
  Unsqueeze unsqueeze;
  unsqueeze.axes = {2};
  return node.add(make_op<Unsqueeze>(unsqueeze), {value});
}

ValueId from_2d(const OnnxNode& node, const Geometry& geometry, ValueId value) {
  if (!geometry.one_dimensional) return value;
  Squeeze squeeze;
  squeeze.axes = {2};
  return node.add(make_op<Squeeze>(squeeze), {value});
}

}  // namespace octet::onnx
