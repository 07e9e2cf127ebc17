// The inner loops, compiled once for each instruction set.
#pragma once

#include "backends/cpu/isa.hpp"
#include "backends/cpu/packed_epilogue.hpp"

// Before the kernels' short loops over the vectors and rows of a tile, which must stay in
// registers.
#define OCTET_UNROLL _Pragma("GCC unroll 8")

namespace octet::cpu {

inline constexpr int kMostTileRows = 8;
inline constexpr int kMostTileVectors = 4;
inline constexpr std::size_t kOverread = 64;  // bytes that kernels may read past an operand

// A few output positions times a few vectors of output channels. For each position the window's
// bytes lie in `runs` stretches of 4 * quads bytes, at the same offsets from the window's start.
struct DotTile {
  const std::uint8_t* const* windows = nullptr;  // one per row
  const std::ptrdiff_t* run_offsets = nullptr;
  int runs = 0;
  int quads = 0;
  const std::int8_t* weights = nullptr;  // [run][quad][vector][lane][4], 64-byte aligned
  std::int32_t* sums = nullptr;          // [row][vectors * width]
};

// Neighbouring output positions of a depthwise convolution, for one block of 4 * width channels.
// Taps come in fours; those after the last repeat an earlier offset and have weight 0.
struct DepthwiseBlock {
  const std::uint8_t* window = nullptr;  // the block's first channel in the first position's window
  std::ptrdiff_t window_stride = 0;      // bytes from position to position
  const std::ptrdiff_t* tap_offsets = nullptr;
  int tap_quads = 0;
  const std::int8_t* weights = nullptr;  // [tap quad][block_lane() of 4 * width channels][4 taps]
  int positions = 0;
  std::int32_t* sums = nullptr;  // [position][4 * width]
};

// Where a channel of a block stands among the lanes of DepthwiseBlock::weights: the order in which
// bytes come out of the interleaving of four vectors.
constexpr int block_lane(int width, int channel) {
  return (channel % 16 / 4) * width + channel / 16 * 4 + channel % 4;
}

// A stored byte's real value: (q - zero) * scale.
struct ByteScale {
  bool is_signed = true;
  float zero = 0.0f, scale = 1.0f;

  static ByteScale of(const TensorType& type);
};

// The taps of a pooling window: rows x columns pixels at regular distances, all inside the image.
struct PoolWindow {
  const std::byte* first = nullptr;
  std::int64_t rows = 0, columns = 0;
  std::ptrdiff_t row_stride = 0, column_stride = 0;  // bytes
  std::int64_t channels = 0;                         // neighbouring bytes
};

// How a window's average becomes a byte. real: real values are added up in float, divided and
// quantised. Otherwise round half away((sum of stored integers + offset) / divisor).
struct PoolAverage {
  bool real = false;
  ByteScale x;
  float divisor = 1.0f;
  std::int32_t offset = 0;
  Quantiser quantiser;
};

enum class ByteFunction : std::uint8_t { add, subtract, multiply };

// y = quantise(activation(f(a, b))) on real values; a step of 0 repeats the first byte.
struct ByteBinary {
  ByteFunction function = ByteFunction::add;
  ByteScale a, b;
  Activation activation;
  Quantiser quantiser;
  bool y_signed = true;
};

struct VectorKernels {
  int width = 0;                             // 32-bit lanes
  int panel_vectors = 0;                     // widest tile
  int tile_rows[kMostTileVectors + 1] = {};  // tallest tile by number of vectors
  void (*dot_tile[kMostTileVectors + 1][kMostTileRows + 1])(const DotTile&) = {};
  void (*epilogue)(const PackedEpilogue&, const EpilogueRows&) = nullptr;
  void (*depthwise)(const DepthwiseBlock&) = nullptr;
  // to[i] = from[i] ^ flip
  void (*copy_flipped)(std::uint8_t* to, const std::uint8_t* from, std::size_t bytes,
                       std::uint8_t flip) = nullptr;
  void (*quantise)(const Quantiser&, bool y_signed, const float* x, std::int64_t count,
                   std::byte* y) = nullptr;
  void (*dequantise)(const ByteScale&, const std::byte* x, std::int64_t count, float* y) = nullptr;
  void (*binary)(const ByteBinary&, const std::byte* a, int a_step, const std::byte* b, int b_step,
                 std::int64_t count, std::byte* y) = nullptr;
  void (*max_pool)(const PoolWindow&, bool is_signed, std::byte* y) = nullptr;
  void (*average_pool)(const PoolWindow&, const PoolAverage&, std::byte* y) = nullptr;
  // Rows of `bytes` bytes from one place to another.
  void (*copy_rows)(const std::byte* from, std::ptrdiff_t from_stride, std::byte* to,
                    std::ptrdiff_t to_stride, std::int64_t bytes, std::int64_t rows) = nullptr;
  // In each row y[2i] = a[i] and y[2i + 1] = b[i] for i < pairs.
  void (*interleave_rows)(const std::byte* a, const std::byte* b, std::ptrdiff_t from_stride,
                          std::byte* y, std::ptrdiff_t to_stride, std::int64_t pairs,
                          std::int64_t rows) = nullptr;

  int panel_channels() const noexcept { return width * panel_vectors; }
};

extern const VectorKernels kAvx2Kernels, kAvx512Kernels;

inline const VectorKernels& vector_kernels(Isa isa) noexcept {
  return isa == Isa::avx2 ? kAvx2Kernels : kAvx512Kernels;
}

}  // namespace octet::cpu
