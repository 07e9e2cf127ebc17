// Where the sums of a convolution go: bias, residual operand, activation, rounding, memory.
#pragma once

#include "ops/epilogue.hpp"

namespace octet {

struct ProductOutput {
  const Epilogue* epilogue = nullptr;  // of integers, their bias included; nullptr: floats
  Activation activation;               // of floats
  ConstView bias, z;                   // of floats, and z of integers; data is nullptr where absent
  View y;                              // {N,K,OH,OW}

  // Writes outputs of channel k from element `offset` of y on.
  void store(std::int64_t k, std::int64_t offset, std::span<const std::int32_t> sums) const;
  void store(std::int64_t k, std::int64_t offset, std::span<const double> sums) const;
};

}  // namespace octet
