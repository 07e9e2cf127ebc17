// The canonical epilogue (ops/epilogue.hpp) in the form that the vector kernels read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "kernels/kernel.hpp"
#include "ops/epilogue.hpp"

namespace octet::cpu {

enum class Store : std::uint8_t { s8, u8, s32, f32 };

// Constants per output channel are followed by kPadding more, so vectors may read past the last.
struct PackedEpilogue {
  static constexpr std::size_t kPadding = 64;

  Epilogue epilogue;
  Store store = Store::s8;
  bool z_signed = true;
  bool mid_signed = true;
};

// `y` is the type of the output, `z` that of the residual operand or nullptr.
PackedEpilogue pack_epilogue(Epilogue epilogue, const TensorType& y, const TensorType* z);
// The same for sums over bytes that are `shift` higher than the stored input; `weight_sums` has the
// sum of each output channel's weights.
PackedEpilogue pack_shifted_epilogue(Epilogue epilogue, const TensorType& y, const TensorType* z,
                                     std::span<const std::int32_t> weight_sums, int shift);

// Why the vector epilogue cannot produce `y`, or accept().
Verdict check_epilogue_types(const TensorType& y, const TensorType* z);

// Some rows (output positions) of sums for neighbouring output channels, and where they go.
struct EpilogueRows {
  const std::int32_t* sums = nullptr;  // readable for 64 elements past the last channel
  std::ptrdiff_t sums_stride = 0;      // elements from row to row
  int rows = 0;
  std::size_t first_channel = 0;  // of the constants
  int channels = 0;
  std::byte* y = nullptr;       // first channel of the first row
  std::ptrdiff_t y_stride = 0;  // bytes from row to row
  const std::byte* z = nullptr;
  std::ptrdiff_t z_stride = 0;
};

}  // namespace octet::cpu
