// How far two tensors are apart.
#pragma once

#include <cstddef>
#include <octet/tensor.hpp>
#include <string>

namespace octet {

struct Difference {
  std::size_t elements = 0;
  std::size_t different = 0;  // whose bits differ, NaN aside: any NaN equals any other
  double largest = 0.0;       // |a - b| of the stored numbers: steps of the scale where quantised
  double largest_relative = 0.0;  // floats: |a - b| / max(|a|, |b|)

  // Equal, or floats of which each is within 1e-6 + 1e-4 * |a|: what holds after a float sum, whose
  // order is a kernel's own.
  bool agrees = true;

  bool equal() const noexcept { return different == 0; }
  double share() const noexcept;  // of different elements, 0 to 1
  // "equal", "at most 1 step, 0.02% differ", "at most 1e-06 (relative 3e-07), 12% differ"
  std::string to_string(const TensorType& type) const;
};

// Both must have one type. Throws Error(invalid_argument).
Difference difference(const Tensor& a, const Tensor& b);

}  // namespace octet
