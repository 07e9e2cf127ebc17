#include "passes/axis_atoms.hpp"

#include <algorithm>
#include <deque>

namespace octet {

AxisAtoms::AxisAtoms(const Shape& original) : original_(original), offsets_(original.rank(), 0) {
  for (std::size_t axis = 0; axis < original.rank(); ++axis) {
    groups_.emplace_back();
    if (original[axis] != 1) groups_.back().push_back({axis, original[axis], 1});
  }
}

bool AxisAtoms::reshape(const Shape& to) {
  std::deque<Atom> atoms;
  for (const Group& group : groups_) atoms.insert(atoms.end(), group.begin(), group.end());
  groups_.assign(to.rank(), {});
  for (std::size_t axis = 0; axis < to.rank(); ++axis) {
    std::int64_t left = to[axis];
    while (left > 1) {
      if (atoms.empty()) return false;
      Atom atom = atoms.front();
      atoms.pop_front();
      if (left % atom.extent != 0) {
        if (atom.extent % left != 0) return false;
        const std::int64_t rest = atom.extent / left;
        atoms.push_front({atom.axis, rest, atom.stride});
        atom.extent = left;
        atom.stride *= rest;
      }
      left /= atom.extent;
      groups_[axis].push_back(atom);
    }
    if (left == 0) return false;
  }
  return atoms.empty();
}

void AxisAtoms::transpose(const std::vector<std::int64_t>& permutation) {
  std::vector<Group> turned;
  for (std::size_t i = 0; i < groups_.size(); ++i) {
    const std::size_t from =
        permutation.empty() ? groups_.size() - 1 - i : static_cast<std::size_t>(permutation[i]);
    turned.push_back(groups_[from]);
  }
  groups_ = std::move(turned);
}

void AxisAtoms::fix(std::size_t axis, std::int64_t index) {
  const Group& group = groups_[axis];
  for (auto atom = group.rbegin(); atom != group.rend(); ++atom) {
    offsets_[atom->axis] += index % atom->extent * atom->stride;
    index /= atom->extent;
  }
  groups_.erase(groups_.begin() + static_cast<std::ptrdiff_t>(axis));
}

bool AxisAtoms::is_whole(std::size_t axis) const {
  std::int64_t extent = 1;
  for (auto atom = groups_[axis].rbegin(); atom != groups_[axis].rend(); ++atom) {
    if (atom->axis != axis || atom->stride != extent) return false;
    extent *= atom->extent;
  }
  return extent == original_[axis];
}

std::optional<std::vector<std::int64_t>> AxisAtoms::indices_along(std::size_t axis) const {
  if (groups_.size() != original_.rank()) return std::nullopt;
  for (std::size_t other = 0; other < groups_.size(); ++other)
    if (other != axis && !is_whole(other)) return std::nullopt;
  std::vector<std::int64_t> indices{offsets_[axis]};
  for (const Atom& atom : groups_[axis]) {
    if (atom.axis != axis) return std::nullopt;
    std::vector<std::int64_t> longer;
    for (const std::int64_t index : indices)
      for (std::int64_t digit = 0; digit < atom.extent; ++digit)
        longer.push_back(index + digit * atom.stride);
    indices = std::move(longer);
  }
  return indices;
}

}  // namespace octet
