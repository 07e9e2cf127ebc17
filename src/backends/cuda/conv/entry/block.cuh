// A block of the first layer's kernel with the block of layers behind it: what it works on, and
// where. See entry.cuh.
#pragma once

#include "backends/cuda/conv/entry/params.hpp"
#include "backends/cuda/conv/inverted/block.cuh"

namespace octet::cuda {

template <HiddenForm Form, StemInput Input, int Blocks, int Warps>
struct Entry : Inverted<Form, true, Blocks, 1, 1, Warps, 1, 2, 16> {
  static constexpr StemInput kInput = Input;
  static constexpr int kQuadBytes = Input == StemInput::bytes ? 4 : 16;  // of four pixels
};

// The lines of the output that a block makes of an image: those from `first` up to `last`. They
// read the hidden lines first .. last.
struct EntrySegment {
  int image, first, last;

  __device__ __forceinline__ explicit EntrySegment(const EntryParams& p) {
    image = static_cast<int>(blockIdx.x) / p.blocks;
    first = (static_cast<int>(blockIdx.x) - image * p.blocks) * p.lines;
    last = min(first + p.lines, p.all_lines);
  }
};

// One of three places, which lines or groups take in turns.
__device__ __forceinline__ int next_of_three(int place) { return place == 2 ? 0 : place + 1; }

// The image in shared memory.
template <typename G>
struct EntryShared : InvertedShared<G> {
  // The row of a group in a place.
  __device__ __forceinline__ std::uint32_t row(const EntryParams& p, int place,
                                               int of_group) const {
    return this->base + p.rows_at + (place * kEntryGroupRows + of_group) * p.row_bytes;
  }
  // What a thread copies of the first channel.
  __device__ __forceinline__ std::uint32_t raw(const EntryParams& p, int thread) const {
    return this->base + p.raw_at + thread * G::kQuadBytes;
  }
};

// Zeros beside the lines of the hidden map, the zero point beside the rows of the image; neither is
// written again.
template <typename G>
__device__ __forceinline__ void clear_beside(const EntryParams& p, const EntryShared<G>& shared) {
  const int thread = static_cast<int>(threadIdx.x);
  const InvertedParams& block = p.block;
  for (int i = thread; i < 2 * kInvertedGroups * kEntryLines; i += G::kThreads) {
    const int plane = i / (2 * kEntryLines), line = i / 2 % kEntryLines;
    const int column = i % 2 * (block.w + 1);
    store_shared_words(shared.base + plane * block.plane_bytes + (line * block.pitch + column) * 16,
                       {0, 0, 0, 0});
  }
  for (int i = thread; i < 2 * kEntryGroups * kEntryGroupRows; i += G::kThreads) {
    const int pixel = i % 2 == 0 ? -1 : p.w;
    store_shared_4(shared.row(p, 0, i / 2) + (kEntryMargin + pixel) * kEntryPixelBytes, p.padding);
  }
}

}  // namespace octet::cuda
