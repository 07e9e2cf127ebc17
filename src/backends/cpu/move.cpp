// Rows for concat, split, slice and gather: stretches of bytes copied from place to place, in
// whatever order the axes lie in memory.
#include <algorithm>

#include "backends/cpu/checks.hpp"
#include "backends/cpu/physical_shape.hpp"
#include "backends/cpu/rows.hpp"
#include "backends/cpu/vector_rows.hpp"
#include "kernels/host_context.hpp"
#include "ops/axis_range.hpp"
#include "ops/index_values.hpp"
#include "ops/move.hpp"
#include "ops/operands.hpp"

namespace octet::cpu {
namespace {

// Rows of `bytes` bytes, all in bytes.
struct Copy {
  std::size_t input = 0, output = 0;
  std::int64_t from = 0, from_stride = 0;
  std::int64_t to = 0, to_stride = 0;
  std::int64_t bytes = 0, rows = 0;
};

// A piece of an axis: `count` indices from `first` on.
struct Piece {
  std::int64_t first = 0, count = 0;
};

class CopyExecutable final : public Executable {
 public:
  CopyExecutable(std::vector<Copy> copies, const VectorKernels& kernels)
      : copies_(std::move(copies)), kernels_(kernels) {}

  void run(const RunArgs& args) const override {
    const auto count = static_cast<std::int64_t>(copies_.size());
    HostThreads(args.context).parallel(count, [&](std::int64_t i, int) {
      const Copy& copy = copies_[static_cast<std::size_t>(i)];
      kernels_.copy_rows(args.inputs[copy.input] + copy.from, copy.from_stride,
                         args.outputs[copy.output] + copy.to, copy.to_stride, copy.bytes,
                         copy.rows);
    });
  }
  bool reads_input(std::size_t index) const override {
    return std::ranges::any_of(copies_, [&](const Copy& copy) { return copy.input == index; });
  }

 private:
  std::vector<Copy> copies_;
  const VectorKernels& kernels_;
};

// Picks single elements of the innermost axis by index.
class PickExecutable final : public Executable {
 public:
  PickExecutable(std::vector<std::int32_t> indices, const AxisSplit& from,
                 const VectorKernels& kernels)
      : indices_(std::move(indices)), from_(from), kernels_(kernels) {
    const std::size_t half = indices_.size() / 2;
    interleaves_ = half > 0 && indices_.size() % 2 == 0;
    for (std::size_t i = 0; interleaves_ && i < half; ++i) {
      const auto step = static_cast<std::int32_t>(i);
      interleaves_ =
          indices_[2 * i] == indices_[0] + step && indices_[2 * i + 1] == indices_[1] + step;
    }
  }

  void run(const RunArgs& args) const override {
    const auto count = static_cast<std::int64_t>(indices_.size());
    if (interleaves_) {
      const std::byte *a = args.inputs[0] + indices_[0], *b = args.inputs[0] + indices_[1];
      kernels_.interleave_rows(a, b, from_.extent, args.outputs[0], count, count / 2, from_.outer);
    } else {
      for (std::int64_t row = 0; row < from_.outer; ++row) {
        const std::byte* x = args.inputs[0] + row * from_.extent;
        std::byte* y = args.outputs[0] + row * count;
        for (std::size_t i = 0; i < indices_.size(); ++i) y[i] = x[indices_[i]];
      }
    }
  }
  bool reads_input(std::size_t index) const override { return index == 0; }

 private:
  std::vector<std::int32_t> indices_;
  AxisSplit from_;
  const VectorKernels& kernels_;
  bool interleaves_ = false;  // two runs of indices, one from each in turn
};

std::int64_t size_of_element(const TensorType& type) {
  return static_cast<std::int64_t>(size_of(type.dtype));
}

// From `piece` of the axis of `x` to the stretch of y's axis that begins at `first`.
Copy copy_piece(const TensorType& x, const TensorType& y, std::size_t axis, const Piece& piece,
                std::int64_t first) {
  const AxisSplit from = AxisSplit::of(x, axis), to = AxisSplit::of(y, axis);
  const std::int64_t step = from.inner * size_of_element(x);
  Copy copy;
  copy.from = piece.first * step;
  copy.from_stride = from.extent * step;
  copy.to = first * step;
  copy.to_stride = to.extent * step;
  copy.bytes = piece.count * step;
  copy.rows = from.outer;
  return copy;
}

// The axis that a slice cuts and the piece it takes, where it cuts one axis without gaps.
struct Cut {
  std::size_t axis = 0;
  Piece piece;
};

std::optional<Cut> cut_of(const Problem& problem) {
  std::vector<std::int64_t> bounds[4];  // starts, ends, axes, steps
  for (std::size_t i = 1; i < problem.inputs.size(); ++i) {
    if (!problem.has_input(i)) continue;
    if (problem.constants[i] == nullptr) return std::nullopt;
    bounds[i - 1] = to_integers(*problem.constants[i]);
  }
  const Shape& shape = problem.inputs[0].shape;
  std::optional<Cut> cut;
  for (std::size_t i = 0; i < bounds[0].size(); ++i) {
    const auto axis = bounds[2].empty() ? i : resolve_axis(bounds[2][i], shape.rank());
    const AxisRange range = resolve_range(bounds[0][i], bounds[1][i],
                                          bounds[3].empty() ? 1 : bounds[3][i], shape[axis]);
    if (range.first == 0 && range.step == 1 && range.count == shape[axis]) continue;
    if (cut || range.step != 1) return std::nullopt;
    cut = Cut{axis, {range.first, range.count}};
  }
  return cut ? cut : Cut{0, {0, shape.rank() > 0 ? shape[0] : 1}};
}

Verdict check_order(const Problem& problem) {
  const TensorType& y = problem.outputs[0];
  const auto differs = [&](const TensorType& type) {
    return !is_unpacked(type) || !(type.layout == y.layout) || type.shape.rank() != y.shape.rank();
  };
  const std::size_t values = problem.as<Concat>() != nullptr ? problem.inputs.size() : 1;
  if (y.shape.rank() == 0) return Verdict::refuse("it is a scalar");
  for (std::size_t i = 0; i < values; ++i)
    if (differs(problem.inputs[i])) return Verdict::refuse("the values lie in memory differently");
  if (std::ranges::any_of(problem.outputs, differs))
    return Verdict::refuse("the values lie in memory differently");
  return Verdict::accept();
}

Verdict check(const Problem& problem) {
  if (const Verdict order = check_order(problem); !order) return order;
  if (problem.as<Slice>() != nullptr && !cut_of(problem))
    return Verdict::refuse("the slice has gaps or cuts several axes");
  if (problem.as<Gather>() != nullptr && problem.constants[1] == nullptr)
    return Verdict::refuse("the indices are not constant");
  return Verdict::accept();
}

std::unique_ptr<Executable> prepare_gather(const Problem& problem, const Gather& op,
                                           const VectorKernels& kernels) {
  const TensorType &x = problem.inputs[0], &y = problem.outputs[0];
  const std::size_t axis = resolve_axis(op.axis, x.shape.rank());
  const std::vector<std::int64_t> indices = read_indices(*problem.constants[1], x.shape[axis]);
  const AxisSplit split = AxisSplit::of(x, axis);
  if (split.inner == 1 && size_of(x.dtype) == 1)
    return std::make_unique<PickExecutable>(
        std::vector<std::int32_t>(indices.begin(), indices.end()), split, kernels);
  std::vector<Copy> copies;
  for (std::size_t i = 0; i < indices.size(); ++i)
    copies.push_back(copy_piece(x, y, axis, {indices[i], 1}, static_cast<std::int64_t>(i)));
  return std::make_unique<CopyExecutable>(std::move(copies), kernels);
}

std::unique_ptr<Executable> prepare(const Problem& problem, const VectorKernels& kernels, int) {
  const TensorType &x = problem.inputs[0], &y = problem.outputs[0];
  std::vector<Copy> copies;
  std::int64_t at = 0;
  if (const auto* gather = problem.as<Gather>()) return prepare_gather(problem, *gather, kernels);
  if (const auto* concat = problem.as<Concat>()) {
    const std::size_t axis = resolve_axis(concat->axis, x.shape.rank());
    for (std::size_t i = 0; i < problem.inputs.size(); ++i) {
      const std::int64_t extent = problem.inputs[i].shape[axis];
      copies.push_back(copy_piece(problem.inputs[i], y, axis, {0, extent}, at));
      copies.back().input = i;
      at += extent;
    }
  } else if (const auto* split = problem.as<Split>()) {
    const std::size_t axis = resolve_axis(split->axis, x.shape.rank());
    for (std::size_t i = 0; i < problem.outputs.size(); ++i) {
      const std::int64_t extent = problem.outputs[i].shape[axis];
      copies.push_back(copy_piece(x, problem.outputs[i], axis, {at, extent}, 0));
      copies.back().output = i;
      at += extent;
    }
  } else {
    const Cut cut = *cut_of(problem);
    copies.push_back(copy_piece(x, y, cut.axis, cut.piece, 0));
  }
  return std::make_unique<CopyExecutable>(std::move(copies), kernels);
}

}  // namespace

std::vector<Kernel> move_rows(std::string_view kind) {
  return vector_rows<check, prepare>(std::string(kind) + "_copy");
}

}  // namespace octet::cpu
