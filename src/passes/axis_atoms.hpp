// What reshapes and transposes do to the axes of a value, without moving data.
#pragma once

#include <octet/tensor.hpp>
#include <optional>
#include <vector>

namespace octet {

// Each axis of the current shape is a group of atoms; an atom is a part of one axis of the original
// value: its digit i stands for i * stride along that axis. Atoms of extent 1 are left out.
class AxisAtoms {
 public:
  explicit AxisAtoms(const Shape& original);

  // False where the shape cuts an atom at a place that does not divide it; nothing holds then.
  bool reshape(const Shape& to);
  void transpose(const std::vector<std::int64_t>& permutation);
  // Takes one index of an axis, which goes away.
  void fix(std::size_t axis, std::int64_t index);

  // The indices along `axis` of the original that stand along the same axis now, where all other
  // axes are as they were; nullopt otherwise.
  std::optional<std::vector<std::int64_t>> indices_along(std::size_t axis) const;

 private:
  struct Atom {
    std::size_t axis = 0;
    std::int64_t extent = 1, stride = 1;
  };
  using Group = std::vector<Atom>;

  bool is_whole(std::size_t axis) const;

  Shape original_;
  std::vector<Group> groups_;
  std::vector<std::int64_t> offsets_;  // along each axis of the original
};

}  // namespace octet
