// A block of the first layer's kernel with the block of layers behind it: what it works on, and
// where. See entry.cuh.
#pragma once

#include "backends/cuda/conv/entry/params.hpp"
#include "backends/cuda/conv/inverted/block.cuh"

namespace octet::cuda {

template <HiddenForm Form, StemInput Input, int Blocks, int Warps, int Units>
struct Entry : Inverted<Form, true, Blocks, 1, 1, Warps, Units, 2, 16> {
  static constexpr StemInput kInput = Input;
  static constexpr int kQuadBytes = Input == StemInput::bytes ? 4 : 16;  // of four pixels
};

// The lines of the output that a block makes of an image: those from `first` up to `last`. They
// read the hidden lines first .. last.
struct EntrySegment {
  int image, first, last;

  __device__ __forceinline__ explicit EntrySegment(const EntryParams& p) {
    image = static_cast<int>(blockIdx.y);
    first = static_cast<int>(blockIdx.x) * p.lines;
    last = min(first + p.lines, p.all_lines);
  }
};

// The place after another one.
__device__ __forceinline__ int next_place(int place) {
  return place + 1 == kEntryPlaces ? 0 : place + 1;
}

// The image in shared memory.
template <typename G>
struct EntryShared : InvertedShared<G> {
  __device__ __forceinline__ int thread() const { return this->warp * 32 + this->lane; }
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
  for (int i = thread; i < 2 * kInvertedGroups * kEntryPlaces; i += G::kThreads) {
    const int plane = i / (2 * kEntryPlaces), line = i / 2 % kEntryPlaces;
    const int column = i % 2 * (block.w + 1);
    store_shared_words(shared.base + plane * block.plane_bytes + (line * block.pitch + column) * 16,
                       {0, 0, 0, 0});
  }
  for (int i = thread; i < 2 * kEntryPlaces * kEntryGroupRows; i += G::kThreads) {
    const int pixel = i % 2 == 0 ? -1 : p.w;
    store_shared_4(shared.row(p, 0, i / 2) + (kEntryMargin + pixel) * kEntryPixelBytes, p.padding);
  }
}

}  // namespace octet::cuda
