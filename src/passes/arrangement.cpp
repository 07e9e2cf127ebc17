#include "passes/arrangement.hpp"

#include <algorithm>
#include <numeric>

#include "base/format.hpp"
#include "ops/move.hpp"
#include "ops/shape.hpp"

namespace octet {
namespace {

using Atoms = std::vector<std::size_t>;

Atoms flatten(std::span<const Atoms> axes) {
  Atoms all;
  for (const Atoms& axis : axes) all.insert(all.end(), axis.begin(), axis.end());
  return all;
}

// The order in which whole axes make up `atoms`; axes of extent 1 come last. Nothing where an axis
// is torn apart.
std::optional<std::vector<std::int64_t>> order_of_axes(std::span<const Atoms> axes,
                                                       const Atoms& atoms) {
  std::vector<std::int64_t> order;
  for (std::size_t at = 0; at < atoms.size();) {
    const auto axis = std::find_if(axes.begin(), axes.end(), [&](const Atoms& candidate) {
      return !candidate.empty() && candidate.front() == atoms[at];
    });
    if (axis == axes.end() || axis->size() > atoms.size() - at ||
        !std::equal(axis->begin(), axis->end(), atoms.begin() + static_cast<std::ptrdiff_t>(at)))
      return std::nullopt;
    order.push_back(axis - axes.begin());
    at += axis->size();
  }
  for (std::size_t i = 0; i < axes.size(); ++i)
    if (axes[i].empty()) order.push_back(static_cast<std::int64_t>(i));
  return order;
}

std::vector<std::int64_t> inverse_permutation(std::span<const std::int64_t> permutation) {
  std::vector<std::int64_t> inverse(permutation.size());
  for (std::size_t i = 0; i < permutation.size(); ++i)
    inverse[static_cast<std::size_t>(permutation[i])] = static_cast<std::int64_t>(i);
  return inverse;
}

Shape permuted(const Shape& shape, std::span<const std::int64_t> permutation) {
  Shape result;
  for (const std::int64_t axis : permutation)
    result.push_back(shape[static_cast<std::size_t>(axis)]);
  return result;
}

std::optional<Shape> unless_equal(const Shape& shape, const Shape& other) {
  return shape == other ? std::nullopt : std::optional(shape);
}

ValueId add_reshape(Graph& graph, ValueId value, const Shape& shape) {
  const TensorType type{DType::s64, Shape{static_cast<std::int64_t>(shape.rank())}, kNCHW,
                        std::nullopt};
  const ValueId target = graph.add_constant(make_tensor(type, shape.begin()));
  return graph.add(make_op<Reshape>(), {value, target});
}

}  // namespace

std::optional<Arrangement> Arrangement::of(const Shape& shape) {
  Arrangement result;
  result.source_ = result.target_ = shape;
  for (const std::int64_t extent : shape) {
    if (extent == 0) return std::nullopt;
    Atoms& axis = result.from_.emplace_back();
    if (extent == 1) continue;
    axis.push_back(result.extents_.size());
    result.extents_.push_back(extent);
  }
  result.to_ = result.from_;
  return result;
}

void Arrangement::transpose(std::span<const std::int64_t> permutation) {
  std::vector<Atoms> axes;
  for (const std::int64_t axis : permutation) axes.push_back(to_[static_cast<std::size_t>(axis)]);
  to_ = std::move(axes);
  target_ = permuted(target_, permutation);
}

void Arrangement::split_atom(std::size_t atom, std::int64_t first) {
  const std::size_t second = extents_.size();
  extents_.push_back(extents_[atom] / first);
  extents_[atom] = first;
  for (std::vector<Atoms>* axes : {&from_, &to_})
    for (Atoms& axis : *axes)
      if (const auto place = std::find(axis.begin(), axis.end(), atom); place != axis.end())
        axis.insert(place + 1, second);
}

bool Arrangement::reshape(const Shape& shape) {
  std::vector<Atoms> axes;
  Atoms atoms = flatten(to_);
  std::size_t next = 0;
  for (const std::int64_t extent : shape) {
    Atoms& axis = axes.emplace_back();
    for (std::int64_t left = extent; left > 1; ++next) {
      if (next == atoms.size()) return false;
      const std::size_t atom = atoms[next];
      if (extents_[atom] > left) {
        if (extents_[atom] % left != 0 || extents_.size() == Shape::kMaxRank) return false;
        split_atom(atom, left);
        atoms.insert(atoms.begin() + static_cast<std::ptrdiff_t>(next) + 1, extents_.size() - 1);
      }
      if (left % extents_[atom] != 0) return false;
      left /= extents_[atom];
      axis.push_back(atom);
    }
  }
  to_ = std::move(axes);
  target_ = shape;
  return next == atoms.size();
}

bool Arrangement::keeps_order() const { return flatten(from_) == flatten(to_); }

Arrangement Arrangement::inverse() const {
  Arrangement result = *this;
  std::swap(result.source_, result.target_);
  std::swap(result.from_, result.to_);
  return result;
}

std::optional<Arrangement> Arrangement::of_operand(const Shape& operand) const {
  if (operand.rank() > source_.rank()) return std::nullopt;
  const std::size_t missing = source_.rank() - operand.rank();
  std::vector<bool> present(extents_.size(), true);
  Arrangement result = *this;
  for (std::size_t axis = 0; axis < from_.size(); ++axis) {
    const std::int64_t extent = axis < missing ? 1 : operand[axis - missing];
    if (extent == source_[axis]) continue;
    if (extent != 1) return std::nullopt;
    for (const std::size_t atom : from_[axis]) present[atom] = false;
    result.from_[axis].clear();
  }
  result.from_.erase(result.from_.begin(),
                     result.from_.begin() + static_cast<std::ptrdiff_t>(missing));
  result.source_ = operand;
  for (std::size_t axis = 0; axis < to_.size(); ++axis) {
    const auto count = std::count_if(to_[axis].begin(), to_[axis].end(),
                                     [&](std::size_t atom) { return present[atom]; });
    if (count == static_cast<std::ptrdiff_t>(to_[axis].size())) continue;
    if (count != 0) return std::nullopt;
    result.to_[axis].clear();
    result.target_[axis] = 1;
  }
  return result;
}

std::size_t Arrangement::Steps::count() const {
  return static_cast<std::size_t>(split.has_value() + !permutation.empty() + merge.has_value());
}

std::optional<Arrangement::Steps> Arrangement::one_transpose() const {
  if (from_.size() != to_.size()) return std::nullopt;
  std::vector<std::int64_t> permutation;
  for (const Atoms& axis : to_) {
    // Axes of extent 1 are alike: the next one that is free.
    for (std::size_t i = 0; i < from_.size(); ++i) {
      const auto index = static_cast<std::int64_t>(i);
      if (from_[i] != axis) continue;
      if (std::find(permutation.begin(), permutation.end(), index) != permutation.end()) continue;
      permutation.push_back(index);
      break;
    }
  }
  if (permutation.size() != to_.size()) return std::nullopt;
  return Steps{std::nullopt, permutation, std::nullopt};
}

std::optional<Arrangement::Steps> Arrangement::transpose_then_merge() const {
  const auto order = order_of_axes(from_, flatten(to_));
  if (!order) return std::nullopt;
  return Steps{std::nullopt, *order, unless_equal(target_, permuted(source_, *order))};
}

std::optional<Arrangement::Steps> Arrangement::split_then_transpose() const {
  const auto order = order_of_axes(to_, flatten(from_));
  if (!order) return std::nullopt;
  return Steps{unless_equal(permuted(target_, *order), source_), inverse_permutation(*order),
               std::nullopt};
}

// Atoms that stay neighbours move as one.
Arrangement::Steps Arrangement::general() const {
  const Atoms from = flatten(from_), to = flatten(to_);
  const auto place_in_target = [&](std::size_t atom) {
    return std::find(to.begin(), to.end(), atom) - to.begin();
  };
  Shape split;
  std::vector<std::ptrdiff_t> places;  // of the runs of atoms, in the target
  for (std::size_t i = 0; i < from.size(); ++i) {
    const std::ptrdiff_t place = place_in_target(from[i]);
    if (i > 0 && place == place_in_target(from[i - 1]) + 1) {
      split[split.rank() - 1] *= extents_[from[i]];
    } else {
      split.push_back(extents_[from[i]]);
      places.push_back(place);
    }
  }
  std::vector<std::int64_t> permutation(places.size());
  std::iota(permutation.begin(), permutation.end(), 0);
  std::sort(permutation.begin(), permutation.end(), [&](std::int64_t a, std::int64_t b) {
    return places[static_cast<std::size_t>(a)] < places[static_cast<std::size_t>(b)];
  });
  return {unless_equal(split, source_), permutation,
          unless_equal(target_, permuted(split, permutation))};
}

Arrangement::Steps Arrangement::steps() const {
  if (keeps_order()) return {unless_equal(target_, source_), {}, std::nullopt};
  if (const auto steps = one_transpose()) return *steps;
  if (const auto steps = transpose_then_merge()) return *steps;
  if (const auto steps = split_then_transpose()) return *steps;
  return general();
}

ValueId Arrangement::apply(Graph& graph, ValueId value) const {
  const Steps steps = this->steps();
  if (steps.split) value = add_reshape(graph, value, *steps.split);
  if (!steps.permutation.empty()) {
    Transpose op;
    op.permutation = steps.permutation;
    value = graph.add(make_op<Transpose>(std::move(op)), {value});
  }
  if (steps.merge) value = add_reshape(graph, value, *steps.merge);
  return value;
}

std::string Arrangement::key() const {
  const Steps steps = general();
  return concat(source_.to_string(), steps.split ? steps.split->to_string() : "-", "(",
                join(steps.permutation, ","), ")", target_.to_string());
}

std::optional<std::vector<std::int64_t>> Arrangement::indices_along(
    std::size_t axis, const std::optional<FixedAxis>& fixed) const {
  std::vector<std::int64_t> strides(extents_.size(), 0);  // of the atoms along their source axis
  for (const Atoms& atoms : from_) {
    std::int64_t stride = 1;
    for (auto atom = atoms.rbegin(); atom != atoms.rend(); stride *= extents_[*atom++])
      strides[*atom] = stride;
  }
  std::vector<Atoms> to = to_;
  std::int64_t first = 0;
  if (fixed) {
    std::int64_t rest = fixed->index;
    const Atoms gone = to[fixed->axis];
    for (auto atom = gone.rbegin(); atom != gone.rend(); rest /= extents_[*atom++])
      first += rest % extents_[*atom] * strides[*atom];
    to.erase(to.begin() + static_cast<std::ptrdiff_t>(fixed->axis));
  }
  if (to.size() != from_.size()) return std::nullopt;
  for (std::size_t other = 0; other < to.size(); ++other)
    if (other != axis && to[other] != from_[other]) return std::nullopt;
  // All other axes are whole, so every atom that is left, fixed ones included, belongs to `axis`.
  std::vector<std::int64_t> indices{first};
  for (const std::size_t atom : to[axis]) {
    std::vector<std::int64_t> longer;
    for (const std::int64_t index : indices)
      for (std::int64_t digit = 0; digit < extents_[atom]; ++digit)
        longer.push_back(index + digit * strides[atom]);
    indices = std::move(longer);
  }
  return indices;
}

}  // namespace octet
