#include "backends/cuda/conv/geometry.hpp"

namespace octet::cuda {
namespace {

// Operators that differ from Conv2d in their filter alone.
template <typename Op>
Conv2d with_output_of(const Op& op) {
  Conv2d conv;
  conv.window = op.window;
  conv.output = op.output;
  conv.rule = op.rule;
  return conv;
}

// Rows and columns of the filter.
struct FilterExtents {
  std::int64_t r, s;
};

FilterExtents filter_extents(const Problem& problem) {
  const Shape& w = problem.inputs[1].shape;
  const std::size_t first = w.rank() == 7 ? 4 : w.rank() - 2;  // {G,rows,columns,C/G,R,S,K/G}
  return {w[first], w[first + 1]};
}

}  // namespace

Conv2d as_conv2d(const Problem& problem) {
  if (const auto* conv = problem.as<Conv2d>()) return *conv;
  if (const auto* batch = problem.as<BatchConv2d>()) {
    Conv2d conv = with_output_of(*batch);
    conv.groups = batch->groups;
    conv.activation = batch->activation;
    return conv;
  }
  if (const auto* transpose = problem.as<ConvTranspose2d>()) {
    Conv2d conv = with_output_of(*transpose);
    conv.groups = transpose->groups;
    conv.activation = transpose->activation;
    return conv;
  }
  Conv2d conv;
  if (const auto* local = problem.as<GroupLocal>()) {
    conv = with_output_of(*local);
    conv.flip_filter = local->flip_filter;
  } else {
    const auto& share = *problem.as<LocalShare>();
    conv.window = share.window;
    conv.flip_filter = share.flip_filter;
  }
  conv.groups = problem.inputs[1].shape[0];
  return conv;
}

ConvGeometry conv_geometry(const Problem& problem) {
  const Conv2d op = as_conv2d(problem);
  const FilterExtents filter = filter_extents(problem);
  const Shape& x = problem.inputs[0].shape;
  const Shape& y = problem.outputs[0].shape;
  const auto integer = [](std::int64_t value) { return static_cast<int>(value); };
  return {integer(x[0]),
          integer(x[1]),
          integer(x[2]),
          integer(x[3]),
          integer(y[1]),
          integer(y[2]),
          integer(y[3]),
          integer(filter.r),
          integer(filter.s),
          integer(op.groups),
          integer(op.window.stride[0]),
          integer(op.window.stride[1]),
          integer(op.window.pad[0]),
          integer(op.window.pad[1]),
          integer(op.window.dilation[0]),
          integer(op.window.dilation[1]),
          op.flip_filter};
}

MapShape map_shape(const TensorType& map) {
  const auto extent = [&](std::size_t axis) { return static_cast<std::uint64_t>(map.shape[axis]); };
  if (map.layout == kNCHW32) return {extent(0) * extent(1) / 32, extent(2), extent(3), 32};
  return {extent(0), extent(2), extent(3), extent(1)};
}

}  // namespace octet::cuda
