// The forms of the first layer's kernel, and what a pair of warpgroups works on and where: see
// stem.cuh.
#pragma once

#include "backends/cuda/common/ptx_hopper.cuh"
#include "backends/cuda/conv/stem/params.hpp"

namespace octet::cuda {

template <int FilterRows, bool Pool, StemInput Input, bool Unsigned, WgmmaRule Rule, bool Lines>
struct Stem {
  static constexpr int kFilterRows = FilterRows;
  static constexpr bool kPool = Pool, kUnsigned = Unsigned, kLines = Lines;
  static constexpr StemInput kInput = Input;
  static constexpr WgmmaRule kRule = Rule;
  static constexpr int kN = 112, kRuns = kN / 8;  // columns of a tile; pairs of a quarter
  static constexpr int kRowBytes = (kRuns + 1) * 128;
  static constexpr int kGroupRows = 4, kGroupBytes = kGroupRows * kRowBytes, kSlots = 6;
  // Convolution rows 2p and 2p + 1 read the padded rows 4p .. 4p + kFilterRows + 1. Group k holds
  // rows 4k + 1 .. 4k + 4, so they begin with the last row of group p - 1.
  static constexpr int kGroups = kFilterRows / 4 + 2;
  static constexpr int kOutputRows = Pool ? 1 : 2, kOutputColumns = Pool ? kN / 2 : kN;
  // A group on its way: a box of 3 channels x 4 rows x the pixels of the tile.
  static constexpr int kAhead = Pool ? 4 : 3, kPixelBytes = Input == StemInput::bytes ? 1 : 4;
  static constexpr int kBoxPixels = Input == StemInput::bytes ? 256 : 232;
  static constexpr int kBoxBytes = 3 * kGroupRows * kBoxPixels * kPixelBytes;
  static constexpr int kRawBytes = (kBoxBytes + 127) / 128 * 128;
  static constexpr int kPairs = 2, kThreads = kPairs * 256;
  // Of a pair: two stages of output, the ring, what is on its way, barriers.
  static constexpr int kStageBytes = kOutputRows * kOutputColumns * 64;
  static constexpr int kRingAt = 2 * kStageBytes, kRawAt = kRingAt + kSlots * kGroupBytes;
  static constexpr int kBarriersAt = kRawAt + kAhead * kRawBytes;
  static constexpr int kBarriers = 2 * (kSlots + kAhead);
  static constexpr int kPairBytes = (kBarriersAt + 8 * kBarriers + 511) / 512 * 512;
  static constexpr int kSharedBytes = 512 + kPairs * kPairBytes;
  // A division takes more, and leaves none to spare for a kind of store that ONNX graphs do not
  // use.
  static constexpr int kProducerRegisters = Input == StemInput::f32_onnx ? 64 : 56;
  static constexpr int kConsumerRegisters = 256 - kProducerRegisters;
  static constexpr bool kStoresWords = stem_stores_words(Rule);
};

// What a pair does: `count` steps from step `first` of a strip (one tile of columns of an image).
struct StemSegment {
  int image, tile, first, count;
  __device__ __forceinline__ StemSegment(const StemParams& p, int unit, int last) {
    const int strip = unit / p.steps;
    first = unit - strip * p.steps;
    count = min(p.steps - first, last - unit);
    image = p.tiles == 1 ? strip : strip / p.tiles;
    tile = strip - image * p.tiles;
  }
};

struct StemRange {
  int first, last;
  __device__ __forceinline__ StemRange(const StemParams& p, int pair) {
    first = min((static_cast<int>(blockIdx.x) * 2 + pair) * p.units_per_pair, p.units);
    last = min(first + p.units_per_pair, p.units);
  }
};

// Where a ring stands: the slot of a group and the parity of its round.
template <int kSlots>
struct RingPosition {
  int slot = 0, parity = 0;
  __device__ __forceinline__ void advance() {
    if (++slot == kSlots) {
      slot = 0;
      parity ^= 1;
    }
  }
};

// The shared memory of a pair.
template <typename G>
struct StemShared {
  std::uint32_t base;
  __device__ __forceinline__ std::uint32_t stage(int i) const { return base + i * G::kStageBytes; }
  __device__ __forceinline__ std::uint32_t group(int slot) const {
    return base + G::kRingAt + slot * G::kGroupBytes;
  }
  __device__ __forceinline__ std::uint32_t raw(int i) const {
    return base + G::kRawAt + i * G::kRawBytes;
  }
  __device__ __forceinline__ std::uint64_t* full(int slot) const { return barrier(slot); }
  __device__ __forceinline__ std::uint64_t* empty(int slot) const {
    return barrier(G::kSlots + slot);
  }
  __device__ __forceinline__ std::uint64_t* raw_full(int slot) const {
    return barrier(2 * G::kSlots + slot);
  }
  __device__ __forceinline__ std::uint64_t* raw_empty(int slot) const {
    return barrier(2 * G::kSlots + G::kAhead + slot);
  }

 private:
  __device__ __forceinline__ std::uint64_t* barrier(int i) const {
    return static_cast<std::uint64_t*>(smem_pointer(base + G::kBarriersAt + 8 * i));
  }
};

}  // namespace octet::cuda
