// Reads a constant filter as the kernels want it.
#pragma once

#include <cstdint>
#include <vector>

#include "kernels/kernel.hpp"

namespace octet::cuda {

// The filter as s8 with zero point 0, or the reason why it has no such form. u8 filters with zero
// point 128 everywhere are shifted.
Verdict check_symmetric_filter(const Problem& problem);

struct Filter {
  int k, c, r, s;                   // output channels, channels per group, rows, columns
  std::vector<std::int8_t> values;  // [k][c][r][s], a true convolution already turned around

  std::int8_t at(int ki, int ci, int ri, int si) const {
    return values[static_cast<std::size_t>(((ki * c + ci) * r + ri) * s + si)];
  }
  // Sum over each output channel, for the zero point of the input.
  std::vector<std::int32_t> sums() const;
};

// Needs check_symmetric_filter() to have accepted.
Filter read_filter(const Problem& problem);

}  // namespace octet::cuda
