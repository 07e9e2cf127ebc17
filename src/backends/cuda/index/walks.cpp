#include "backends/cuda/index/walks.hpp"

#include "ops/element_moves.hpp"
#include "ops/elementwise.hpp"
#include "ops/move.hpp"
#include "ops/operands.hpp"
#include "ops/subtensor_items.hpp"

namespace octet::cuda {
namespace {

// Builds a walk axis by axis.
class WalkBuilder {
 public:
  explicit WalkBuilder(const Problem& problem)
      : problem_(problem), x_(problem.inputs[0].shape), strides_(strides_of(x_)) {
    walk_.count = 1;
  }

  // An axis along which the offset in x steps by `step`; gives its number.
  int add_axis(std::int64_t extent, std::int64_t step) {
    walk_.extents[walk_.axes] = static_cast<int>(extent);
    walk_.steps[walk_.axes] = step;
    walk_.count *= extent;
    return walk_.axes++;
  }
  // The axes first .. last of x as they are.
  void add_whole_axes(std::size_t first, std::size_t last) {
    for (std::size_t axis = first; axis < last; ++axis) add_axis(x_[axis], strides_[axis]);
  }
  void move_base(std::int64_t by) { walk_.base += by; }

  // An index from this input names the place along `axis` of x.
  IndexSource& add_source(std::size_t input, std::size_t axis) {
    IndexSource& source = walk_.source[walk_.sources++];
    source.input = static_cast<int>(input);
    source.wide = problem_.inputs[input].dtype == DType::s64;
    source.extent = x_[axis];
    source.step = strides_[axis];
    return source;
  }

  std::int64_t stride(std::size_t axis) const { return strides_[axis]; }
  const Shape& x() const { return x_; }
  IndexWalk done() const { return walk_; }

 private:
  const Problem& problem_;
  const Shape& x_;
  std::vector<std::int64_t> strides_;
  IndexWalk walk_{};
};

IndexWalk gather_walk(const Problem& problem, const Gather& op) {
  WalkBuilder builder(problem);
  const std::size_t along = resolve_axis(op.axis, builder.x().rank());
  const Shape& indices = problem.inputs[1].shape;
  const std::vector<std::int64_t> steps = strides_of(indices);
  builder.add_whole_axes(0, along);
  IndexSource& source = builder.add_source(1, along);
  for (std::size_t i = 0; i < indices.rank(); ++i)
    source.steps[builder.add_axis(indices[i], 0)] = steps[i];
  builder.add_whole_axes(along + 1, builder.x().rank());
  return builder.done();
}

// x's element with the coordinates of the index, but for `axis`, where the index stands.
IndexWalk elements_walk(const Problem& problem, std::int64_t axis) {
  WalkBuilder builder(problem);
  const std::size_t along = resolve_axis(axis, builder.x().rank());
  const Shape& indices = problem.inputs[1].shape;
  const std::vector<std::int64_t> steps = strides_of(indices);
  IndexSource& source = builder.add_source(1, along);
  for (std::size_t i = 0; i < indices.rank(); ++i)
    source.steps[builder.add_axis(indices[i], i == along ? 0 : builder.stride(i))] = steps[i];
  return builder.done();
}

// The last axis of the indices is a tuple that names places along the axes after `batches`.
IndexWalk tuples_walk(const Problem& problem, std::size_t batches) {
  WalkBuilder builder(problem);
  const Shape& indices = problem.inputs[1].shape;
  const std::vector<std::int64_t> steps = strides_of(indices);
  const auto tuple = static_cast<std::size_t>(indices.back());
  for (std::size_t i = 0; i + 1 < indices.rank(); ++i)
    builder.add_axis(indices[i], i < batches ? builder.stride(i) : 0);
  for (std::size_t k = 0; k < tuple; ++k) {
    IndexSource& source = builder.add_source(1, batches + k);
    source.first = static_cast<long long>(k);
    for (std::size_t i = 0; i + 1 < indices.rank(); ++i) source.steps[i] = steps[i];
  }
  builder.add_whole_axes(batches + tuple, builder.x().rank());
  return builder.done();
}

IndexWalk vector_walk(const Problem& problem, const VectorIndex& op) {
  WalkBuilder builder(problem);
  const InferArgs args{problem.inputs, problem.constants};
  const std::vector<AxisPick> picks = resolve_items(op.items, builder.x(), 1, known_numbers(args));
  Shape together;  // what the indices broadcast to
  for (const AxisPick& pick : picks)
    if (pick.index_input) together = broadcast(together, problem.inputs[*pick.index_input].shape);
  int first = -1;  // the first axis of `together`, which stands where the first index does
  for (std::size_t axis = 0; axis < picks.size(); ++axis) {
    if (!picks[axis].index_input) {
      const AxisRange& range = picks[axis].range;
      builder.move_base(range.first * builder.stride(axis));
      builder.add_axis(range.count, range.step * builder.stride(axis));
      continue;
    }
    for (std::size_t i = 0; first < 0 && i < together.rank(); ++i) {
      const int added = builder.add_axis(together[i], 0);
      if (i + 1 == together.rank()) first = added - static_cast<int>(i);
    }
    const Shape& indices = problem.inputs[*picks[axis].index_input].shape;
    const std::vector<std::int64_t> steps = strides_of(indices);
    IndexSource& source = builder.add_source(*picks[axis].index_input, axis);
    const std::size_t missing = together.rank() - indices.rank();
    for (std::size_t i = 0; i < indices.rank(); ++i)
      if (indices[i] != 1) source.steps[static_cast<std::size_t>(first) + missing + i] = steps[i];
  }
  return builder.done();
}

}  // namespace

IndexWalk index_walk(const Problem& problem) {
  if (const auto* op = problem.as<Gather>()) return gather_walk(problem, *op);
  if (const auto* op = problem.as<GatherElements>()) return elements_walk(problem, op->axis);
  if (const auto* op = problem.as<ScatterElements>()) return elements_walk(problem, op->axis);
  if (const auto* op = problem.as<GatherND>())
    return tuples_walk(problem, static_cast<std::size_t>(op->batch_dims));
  if (const auto* op = problem.as<VectorIndex>()) return vector_walk(problem, *op);
  return tuples_walk(problem, 0);
}

}  // namespace octet::cuda
