// Operators that move elements and compute nothing.
#include "ops/move.hpp"

#include <algorithm>

#include "base/format.hpp"
#include "formats/onnx/index_grid.hpp"
#include "formats/onnx/op_table.hpp"

namespace octet::onnx {
namespace {

ValueId add_transpose(const OnnxNode& node, ValueId x, std::vector<std::int64_t> permutation) {
  Transpose op;
  op.permutation = std::move(permutation);
  return node.add(make_op<Transpose>(op), {x});
}

std::vector<ValueId> transpose(OnnxNode& node) {
  return {add_transpose(node, node.input(0), node.attributes().integers("perm"))};
}

// Values of different scales are concatenated as the integers they are.
std::vector<ValueId> concat_values(OnnxNode& node) {
  std::vector<ValueId> parts;
  for (std::size_t i = 0; i < node.input_count(); ++i) parts.push_back(node.input(i));
  if (parts.empty()) node.invalid("there is nothing to concatenate");
  const bool same = std::all_of(parts.begin(), parts.end(), [&](ValueId part) {
    return node.graph().type(part).quant == node.type(0).quant;
  });
  if (!same)
    for (ValueId& part : parts) part = node.plain(part);
  Concat op;
  op.axis = node.attributes().required_integer("axis");
  return {node.add(make_op<Concat>(op), std::move(parts))};
}

std::vector<ValueId> split(OnnxNode& node) {
  Split op;
  op.axis = node.attributes().integer("axis", 0);
  std::vector<ValueId> inputs{node.input(0)};
  if (node.has_input(1)) {
    inputs.push_back(node.input(1));
  } else if (node.attributes().has("split")) {
    inputs.push_back(node.constant(node.attributes().integers("split")));
  } else {
    op.parts =
        node.attributes().integer("num_outputs", static_cast<std::int64_t>(node.output_count()));
  }
  std::vector<ValueId> parts = node.add_node(make_op<Split>(op), std::move(inputs));
  if (parts.size() != node.output_count())
    node.invalid(concat("the value is split into ", parts.size(), " parts but the node has ",
                        node.output_count(), " outputs"));
  return parts;
}

// Bounds are attributes before opset 10.
std::vector<ValueId> slice(OnnxNode& node) {
  if (node.opset() >= 10) {
    std::vector<ValueId> inputs = node.inputs();
    if (inputs.size() < 3) node.invalid("starts and ends are missing");
    return {node.add(make_op<Slice>(), std::move(inputs))};
  }
  std::vector<ValueId> inputs{node.input(0), node.constant(node.attributes().integers("starts")),
                              node.constant(node.attributes().integers("ends"))};
  if (node.attributes().has("axes"))
    inputs.push_back(node.constant(node.attributes().integers("axes")));
  return {node.add(make_op<Slice>(), std::move(inputs))};
}

std::vector<ValueId> tile(OnnxNode& node) {
  return {node.add(make_op<Tile>(), {node.input(0), node.input(1)})};
}

PadMode pad_mode(const OnnxNode& node) {
  const std::string mode = node.attributes().text("mode", "constant");
  if (mode == "constant") return PadMode::constant;
  if (mode == "reflect") return PadMode::reflect;
  if (mode == "edge") return PadMode::edge;
  node.unsupported(concat("the mode \"", mode, "\" is not supported"));
}

// Pads given for some axes -> pads for all of them.
ValueId all_pads(const OnnxNode& node) {
  const auto rank = static_cast<std::size_t>(node.rank(0));
  const auto pads = node.known_integers(1, "pads");
  const auto axes = node.known_integers(3, "axes");
  if (pads.size() != 2 * axes.size()) node.invalid("pads does not have two numbers per axis");
  std::vector<std::int64_t> all(2 * rank, 0);
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const auto axis = static_cast<std::size_t>(node.axis(axes[i], node.rank(0)));
    all[axis] = pads[i];
    all[axis + rank] = pads[i + axes.size()];
  }
  return node.constant(all);
}

std::vector<ValueId> pad(OnnxNode& node) {
  Pad op;
  op.mode = pad_mode(node);
  std::vector<ValueId> inputs{node.input(0)};
  if (node.opset() < 11) {
    inputs.push_back(node.constant(node.attributes().integers("pads")));
    inputs.push_back(node.constant_like(0, double{node.attributes().number("value", 0.0f)}));
  } else {
    inputs.push_back(node.has_input(3) ? all_pads(node) : node.input(1));
    if (node.has_input(2)) inputs.push_back(node.plain(node.input(2)));
  }
  return {node.add(make_op<Pad>(op), std::move(inputs))};
}

std::int64_t block_size(const OnnxNode& node) {
  const std::int64_t size = node.attributes().required_integer("blocksize");
  if (size < 1 || size > 1024) node.invalid(concat("blocksize ", size, " is out of range"));
  if (node.rank(0) != 4) node.invalid("the input must be {N,C,H,W}");
  return size;
}

std::vector<ValueId> depth_to_space(OnnxNode& node) {
  const std::int64_t b = block_size(node);
  const std::string mode = node.attributes().text("mode", "DCR");
  if (mode != "DCR" && mode != "CRD") node.invalid(concat("mode \"", mode, "\" does not exist"));
  const std::int64_t depth = node.shape(0)[1] / (b * b);
  if (depth * b * b != node.shape(0)[1]) node.invalid("blocksize^2 does not divide the channels");
  const bool crd = mode == "CRD";
  const ValueId x = node.input(0);
  const Extent depth_extent{depth};
  const Extent split[] = {{1, 0},    crd ? depth_extent : Extent{b},
                          Extent{b}, crd ? Extent{b} : depth_extent,
                          {1, 2},    {1, 3}};
  const Extent merged[] = {{1, 0}, depth_extent, {b, 2}, {b, 3}};
  const std::vector<std::int64_t> permutation = crd ? std::vector<std::int64_t>{0, 1, 4, 2, 5, 3}
                                                    : std::vector<std::int64_t>{0, 3, 4, 1, 5, 2};
  const ValueId moved = add_transpose(node, reshape_to(node, x, x, split), permutation);
  return {reshape_to(node, moved, x, merged)};
}

std::vector<ValueId> space_to_depth(OnnxNode& node) {
  const std::int64_t b = block_size(node);
  if (node.shape(0)[2] % b != 0 || node.shape(0)[3] % b != 0)
    node.invalid("blocksize does not divide height and width");
  const ValueId x = node.input(0);
  const Extent split[] = {{1, 0}, {1, 1}, {1, 2, b}, {b}, {1, 3, b}, {b}};
  const Extent merged[] = {{1, 0}, {b * b, 1}, {1, 2, b}, {1, 3, b}};
  const ValueId moved = add_transpose(node, reshape_to(node, x, x, split), {0, 3, 5, 1, 2, 4});
  return {reshape_to(node, moved, x, merged)};
}

constexpr OpRow kRows[] = {
    {"Concat", kFirstOpset, kLastOpset, Operands::as_is, concat_values},
    {"DepthToSpace", kFirstOpset, kLastOpset, Operands::as_is, depth_to_space},
    {"Pad", kFirstOpset, kLastOpset, Operands::as_is, pad},
    {"Slice", kFirstOpset, kLastOpset, Operands::as_is, slice},
    {"SpaceToDepth", kFirstOpset, kLastOpset, Operands::as_is, space_to_depth},
    {"Split", kFirstOpset, kLastOpset, Operands::as_is, split},
    {"Tile", kFirstOpset, kLastOpset, Operands::as_is, tile},
    {"Transpose", kFirstOpset, kLastOpset, Operands::as_is, transpose},
};

}  // namespace

std::span<const OpRow> move_operators() { return kRows; }

}  // namespace octet::onnx
