// Walking an output and the operands that broadcast to it, in runs.
#pragma once

#include <array>
#include <octet/tensor.hpp>
#include <span>

namespace octet {

// The output's axes, merged as far as every operand allows, and each operand's step along them.
// Allocates nothing.
class BroadcastWalk {
 public:
  static constexpr std::size_t kMostOperands = 4;

  // At most kMostOperands, each of which must broadcast to `output` (broadcast() in
  // ops/elementwise.hpp checks that).
  BroadcastWalk(const Shape& output, std::span<const Shape> operands);

  // Elements in one run, and how an operand moves inside it: 1, or 0 when it repeats one element.
  std::int64_t run() const noexcept { return extents_[axes_ - 1]; }
  std::int64_t stride(std::size_t operand) const noexcept { return strides_[operand][axes_ - 1]; }

  // Calls visit(output_offset, offsets) for each run; offsets[k] is operand k's first element.
  template <typename Visit>
  void for_each_run(Visit&& visit) const {
    std::int64_t total = 1;
    for (std::size_t axis = 0; axis < axes_; ++axis) total *= extents_[axis];
    std::array<std::int64_t, Shape::kMaxRank> index{};
    std::array<std::int64_t, kMostOperands> all_offsets{};
    const std::span<std::int64_t> offsets(all_offsets.data(), operands_);
    for (std::int64_t at = 0; at < total; at += run()) {
      visit(at, std::span<const std::int64_t>(offsets));
      advance(index, offsets);
    }
  }

 private:
  using Extents = std::array<std::int64_t, Shape::kMaxRank>;

  static Extents steps(const Shape& output, const Shape& operand);
  void advance(std::span<std::int64_t> index, std::span<std::int64_t> offsets) const noexcept;

  std::size_t operands_ = 0, axes_ = 0;           // at least one axis
  Extents extents_{};                             // [axis]
  std::array<Extents, kMostOperands> strides_{};  // [operand][axis]
};

}  // namespace octet
