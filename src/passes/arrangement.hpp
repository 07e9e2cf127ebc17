// A chain of transposes and reshapes, seen as what it does to the order of elements.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ir/graph.hpp"

namespace octet {

// Starts as the identity of a shape; transposes and reshapes are appended to it. The source's axes
// are split into atoms where a reshape cuts them; atoms never have the extent 1.
class Arrangement {
 public:
  // Nothing for a shape with an empty axis, whose atoms could not be told.
  static std::optional<Arrangement> of(const Shape& shape);

  void transpose(std::span<const std::int64_t> permutation);
  // False where an axis of `shape` would join parts of two atoms, or where there would be more
  // atoms than a shape has axes; then the arrangement is spoilt.
  [[nodiscard]] bool reshape(const Shape& shape);

  const Shape& source() const noexcept { return source_; }
  const Shape& target() const noexcept { return target_; }
  // The elements stay in their order: at most a reshape.
  bool keeps_order() const;
  bool is_identity() const { return keeps_order() && source_ == target_; }

  Arrangement inverse() const;
  // What rearranges an operand that broadcasts to the source so that it broadcasts to the target;
  // nothing where an axis of the target would need only a part of it.
  std::optional<Arrangement> of_operand(const Shape& operand) const;

  // The fewest nodes that do it: reshape, transpose, reshape, where any may be absent.
  struct Steps {
    std::optional<Shape> split;
    std::vector<std::int64_t> permutation;  // empty: none
    std::optional<Shape> merge;
    std::size_t count() const;
  };
  Steps steps() const;
  // Adds the nodes behind `value`, which has the source's shape.
  ValueId apply(Graph& graph, ValueId value) const;

  // Where every axis but `axis` is as in the source: the indices along the source's `axis` that
  // stand along it in the target. With `fixed`, of what is left when one axis of the target is
  // taken at one index and goes away.
  struct FixedAxis {
    std::size_t axis = 0;
    std::int64_t index = 0;
  };
  std::optional<std::vector<std::int64_t>> indices_along(
      std::size_t axis, const std::optional<FixedAxis>& fixed = std::nullopt) const;

  // Equal for arrangements that do the same.
  std::string key() const;

 private:
  using Atoms = std::vector<std::size_t>;  // indices into extents_

  Arrangement() = default;
  void split_atom(std::size_t atom, std::int64_t first);
  std::optional<Steps> one_transpose() const;
  std::optional<Steps> transpose_then_merge() const;
  std::optional<Steps> split_then_transpose() const;
  Steps general() const;

  Shape source_, target_;
  std::vector<std::int64_t> extents_;  // of the atoms
  std::vector<Atoms> from_, to_;       // the atoms of each axis of the source and of the target
};

}  // namespace octet
