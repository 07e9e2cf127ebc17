#include <octet/status.hpp>

#include "base/format.hpp"
#include "ops/axis_range.hpp"
#include "ops/element_moves.hpp"
#include "ops/move.hpp"
#include "ops/operands.hpp"
#include "ops/require.hpp"

namespace octet {
namespace {

struct Bounds {
  std::vector<std::int64_t> starts, ends, axes, steps;  // axes and steps may be empty: the default
};

// One range per axis of x; axes that are not named are taken whole.
std::vector<AxisRange> ranges_of(const Shape& x, Bounds bounds) {
  const std::size_t count = bounds.starts.size();
  for (std::size_t i = 0; bounds.axes.size() < count; ++i)
    bounds.axes.push_back(static_cast<std::int64_t>(i));
  bounds.steps.resize(bounds.steps.empty() ? count : bounds.steps.size(), 1);
  require(
      bounds.ends.size() == count && bounds.axes.size() == count && bounds.steps.size() == count,
      "a slice has ", count, " starts, ", bounds.ends.size(), " ends, ", bounds.axes.size(),
      " axes and ", bounds.steps.size(), " steps");
  std::vector<AxisRange> ranges;
  for (const std::int64_t extent : x) ranges.push_back({0, 1, extent});
  const std::vector<std::size_t> axes = resolve_axes(bounds.axes, x.rank());
  for (std::size_t i = 0; i < count; ++i)
    ranges[axes[i]] = resolve_range(bounds.starts[i], bounds.ends[i], bounds.steps[i], x[axes[i]]);
  return ranges;
}

}  // namespace

void Slice::visit(AttributeVisitor&) const {}

std::vector<TensorType> Slice::infer(const InferArgs& args) const {
  require_inputs(args, 3, 5);
  const TensorType& x = args.types[0];
  Bounds bounds{known_integers(args, 1, "starts"), known_integers(args, 2, "ends"), {}, {}};
  if (has_input(args, 3)) {
    bounds.axes = known_integers(args, 3, "axes");
    require(!bounds.axes.empty() || bounds.starts.empty(), "a slice names no axes");
  }
  if (has_input(args, 4)) bounds.steps = known_integers(args, 4, "steps");
  const std::vector<AxisRange> ranges = ranges_of(x.shape, bounds);
  TensorType y = with_shape(x, x.shape);
  for (std::size_t axis = 0; axis < ranges.size(); ++axis) {
    y.shape[axis] = ranges[axis].count;
    if (ranges[axis].count != x.shape[axis] || ranges[axis].step != 1)
      require_common_scale(x, axis, "a slice of");
  }
  return {y};
}

void Slice::compute(std::span<const ConstView> inputs, std::span<const View> outputs) const {
  const auto integers = [&](std::size_t i) {
    return i < inputs.size() && inputs[i].data != nullptr ? to_integers(inputs[i])
                                                          : std::vector<std::int64_t>{};
  };
  const Shape& x = inputs[0].shape();
  const std::vector<AxisRange> ranges =
      ranges_of(x, {integers(1), integers(2), integers(3), integers(4)});
  const std::vector<std::int64_t> strides = strides_of(x);
  OffsetTable table;
  for (std::size_t axis = 0; axis < ranges.size(); ++axis)
    table.push_back(
        regular_offsets(ranges[axis].count, ranges[axis].first, ranges[axis].step, strides[axis]));
  gather_by_offsets(inputs[0], outputs[0], table);
}

}  // namespace octet
