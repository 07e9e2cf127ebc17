// The producer warps of the first layer: from pixels to runs of 16 bytes. See stem.cuh.
#pragma once

#include "backends/cuda/common/ptx_hopper.cuh"
#include "backends/cuda/conv/stem/block.cuh"
#include "backends/cuda/conv/stem/quantise.cuh"

namespace octet::cuda {

template <typename G>
struct StemCursor {
  int unit, last, group, groups_left;
  StemSegment segment;

  __device__ __forceinline__ StemCursor(const StemParams& p, const StemRange& range)
      : unit(range.first), last(range.last), segment(p, range.first, range.last) {
    begin();
  }
  __device__ __forceinline__ void begin() {
    group = segment.first - 1;
    groups_left = segment.count + G::kGroups - 1;
  }
  __device__ __forceinline__ bool valid() const { return unit < last; }
  __device__ __forceinline__ void advance(const StemParams& p) {
    ++group;
    if (--groups_left > 0) return;
    unit += segment.count;
    if (!valid()) return;
    segment = StemSegment(p, unit, last);
    begin();
  }
};

// The quads (four pixels of a channel) of one half of a row, of each channel.
template <typename G>
__device__ __forceinline__ void read_quads(const StemParams& p, std::uint32_t from,
                                           std::uint32_t (&quads)[3]) {
#pragma unroll
  for (int c = 0; c < 3; ++c) {
    const std::uint32_t at = from + c * G::kGroupRows * G::kBoxPixels * G::kPixelBytes;
    if constexpr (G::kInput != StemInput::bytes) {
      // Zeros outside the image, which are quantised to the zero point.
      quads[c] = quantise_quad<G::kInput>(p.quantiser, load_shared_floats(at));
    } else {
      quads[c] = load_shared_4(at);
    }
  }
}

// Bytes outside the image are zeros where they should be zero points.
__device__ __forceinline__ void pad_quads(const StemParams& p, int row, int quad,
                                          std::uint32_t (&quads)[3]) {
  if (row >= 0 && row < p.h && quad >= 0 && quad < p.w / 4) return;
#pragma unroll
  for (int c = 0; c < 3; ++c) quads[c] = p.padding;
}

// The two columns of a quad. Odd lanes write the second first, so that the 8 lanes that share a
// clock write to different banks.
__device__ __forceinline__ void store_columns(std::uint32_t to, const std::uint32_t (&before)[3],
                                              const std::uint32_t (&quad)[3], bool odd) {
#pragma unroll
  for (int i = 0; i < 2; ++i) {
    const bool second = odd != (i == 1);
    const std::uint32_t window = second ? 0x7654 : 0x5432;  // pixels 2ow-2 .. 2ow+1
    const std::uint32_t left = second ? 0x0073 : 0x0051;    // pixel 2ow-3 of two channels
    std::uint32_t word[4];
#pragma unroll
    for (int c = 0; c < 3; ++c) word[c] = __byte_perm(before[c], quad[c], window);
    word[3] =
        __byte_perm(__byte_perm(before[0], before[1], left), before[2], second ? 0x0710 : 0x0510);
    store_shared_words(to + (second ? 16 : 0), word);
  }
}

// Lane l of the warp that has a row holds quarter q = l % 4 of the columns, and of its quads the
// ones 14q - 1 + u and 14q + 7 + u, u = l / 4.
template <typename G>
__device__ __forceinline__ void produce(const StemParams& p, const CUtensorMap& x,
                                        const StemShared<G>& shared, const StemRange& range,
                                        int warp, int lane) {
  if (range.first >= range.last) return;
  StemCursor<G> copying(p, range), writing(p, range);
  RingPosition<G::kAhead> ahead, raw;
  RingPosition<G::kSlots> position;
  const auto first_quad = [](const StemCursor<G>& cursor) {
    const int tile = cursor.segment.tile;
    return (G::kPool ? (tile > 0 ? tile * 55 - 1 : 0) : tile * 56) - 1;
  };
  // The copy engine begins at whole 16 bytes.
  const auto box_begin = [&](const StemCursor<G>& cursor) {
    return 4 * first_quad(cursor) & -16 / G::kPixelBytes;
  };
  // The warps take turns at starting copies.
  int turn = 0;
  const auto copy_next = [&] {
    if (!copying.valid()) return;
    if (warp == turn && lane == 0) {
      barrier_wait(shared.raw_empty(ahead.slot), ahead.parity ^ 1);
      barrier_expect(shared.raw_full(ahead.slot), G::kBoxBytes);
      copy_box(shared.raw(ahead.slot), &x, box_begin(copying), copying.group * 4 + 1 - p.pad_top, 0,
               copying.segment.image, shared.raw_full(ahead.slot));
    }
    __syncwarp();  // or the warp would go on in two parts
    turn = (turn + 1) % G::kGroupRows;
    ahead.advance();
    copying.advance(p);
  };
  for (int i = 0; i + 1 < G::kAhead; ++i) copy_next();
  const int quad = lane % 4 * 14 + lane / 4;
  const std::uint32_t raw_offset = (warp * G::kBoxPixels + 4 * quad) * G::kPixelBytes;
  const std::uint32_t ring_offset = warp * G::kRowBytes + lane % 4 * 32 + lane / 4 * 128;
  const bool odd = lane / 4 % 2 == 1;
  while (writing.valid()) {
    copy_next();
    std::uint32_t first[3], second[3], before[3];
    const std::uint32_t from = shared.raw(raw.slot) + raw_offset +
                               (4 * first_quad(writing) - box_begin(writing)) * G::kPixelBytes;
    barrier_wait(shared.raw_full(raw.slot), raw.parity);
    read_quads<G>(p, from, first);
    read_quads<G>(p, from + 32 * G::kPixelBytes, second);
    __syncwarp();
    if (lane == 0) barrier_arrive(shared.raw_empty(raw.slot));
    raw.advance();
    if (G::kInput == StemInput::bytes && p.padding != 0) {
      const int row = writing.group * 4 + 1 + warp - p.pad_top;
      pad_quads(p, row, first_quad(writing) + quad, first);
      pad_quads(p, row, first_quad(writing) + quad + 8, second);
    }
    writing.advance(p);
    const std::uint32_t to = shared.group(position.slot) + ring_offset;
    barrier_wait(shared.empty(position.slot), position.parity ^ 1);
#pragma unroll
    for (int c = 0; c < 3; ++c) before[c] = __shfl_up_sync(~0u, first[c], 4);
    if (lane >= 4) store_columns(to - 128, before, first, odd);
#pragma unroll
    for (int c = 0; c < 3; ++c)  // the quad before the first of the second half is lane 28's
      before[c] = __shfl_sync(~0u, lane >= 28 ? first[c] : second[c], (lane + 28) % 32);
    store_columns(to + 7 * 128, before, second, odd);
    fence_async_proxy();
    __syncwarp();
    if (lane == 0) barrier_arrive(shared.full(position.slot));
    position.advance();
  }
}

}  // namespace octet::cuda
