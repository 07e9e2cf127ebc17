// The first layer in one kernel (Hopper): NCHW input of up to 3 channels, quantised on the way in,
// a convolution of stride 2 to up to 64 channels, and its 3x3 stride 2 max pool; NHWC, NCHW32,
// NCHW4 or CHWN4 bytes out.
//
//   4 producer warps                       4 consumer warps (a warpgroup)
//   +---------------------------+  ring    +------------------------------------------------+
//   | TMA brings 4 rows of x;   | of rows  | wgmma, 64 channels x 112 pixels, twice: the    |
//   | a warp takes a row each:  | =======> | convolution rows 2p and 2p + 1 in registers;   |
//   | quantise, shuffle into    | kSlots   | max over 3x3 with what is left of row 2p - 1;  |
//   | runs of 16 bytes          | groups   | epilogue; stmatrix; TMA store                  |
//   +---------------------------+ of 4     +------------------------------------------------+
//
// Such a pair walks down a strip of an image, so that each row of x is read once and each row of
// the convolution is computed once. Two pairs share a block: one multiplies while the other pools.
//
// Shared memory holds a row of x as runs of five neighbouring pixels: the 16 bytes of column `ow`
// are the pixels 2ow-3 .. 2ow+1 (bytes 4c+i: pixel 2ow-2+i of channel c; bytes 12+c: pixel 2ow-3).
// The taps of one filter row are K = 32: those 16 bytes and the 16 bytes of column ow + 2, so the
// matrix product needs no im2col. Column ow = 28q + 2j + e lies at 128j + 32q + 16e: then the sums
// of a thread are 28 neighbouring columns of two channels, and pooling needs one shuffle per row.
//
//   quarter q of the columns:   0       1       2       3
//   group of 8 rows j = 0      |0  1   |28 29  |56 57  |84 85  |   128 bytes
//                   j = 1      |2  3   |30 31  |58 59  |86 87  |
//                   ...
//                   j = 13     |26 27  |54 55  |82 83  |110 111|
//                   j = 14     |28 29  |56 57  |84 85  |112 113|   only as column ow + 2
//
// The maximum is taken of sums: the epilogue is monotone, so pooling first gives the same bits and
// leaves a quarter of the epilogue's work. 7x7: bound by wgmma (K = 224 for 147 taps) and, with f32
// input, nearly as much by memory.
#pragma once

#include <climits>
#include <type_traits>

#include "backends/cuda/common/dynamic_shared_memory.cuh"
#include "backends/cuda/common/epilogue.cuh"
#include "backends/cuda/common/launch_chained.cuh"
#include "backends/cuda/common/ptx_bytes.cuh"
#include "backends/cuda/common/ptx_hopper.cuh"
#include "backends/cuda/common/ptx_transpose.cuh"
#include "backends/cuda/common/ptx_wgmma_rows.cuh"
#include "backends/cuda/conv/stem/params.hpp"
#include "backends/cuda/conv/wgmma/epilogue.cuh"

namespace octet::cuda {

template <int FilterRows, bool Pool, StemInput Input, bool Unsigned, WgmmaRule Rule, bool PlainRelu>
struct Stem {
  static constexpr int kFilterRows = FilterRows;
  static constexpr bool kPool = Pool, kUnsigned = Unsigned, kPlainRelu = PlainRelu;
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

// --- producers -----------------------------------------------------------------------------------

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

// The ONNX rule, in the low byte: half to even by an addition (exact_round.cuh). The clamp comes
// first, which is the same since its bounds are integers.
__device__ __forceinline__ int quantise_even(const QuantiserParams& q, float v) {
  const float x = exact_quotient(v, q.factor, q.reciprocal);
  const float clamped = fminf(fmaxf(x, q.lowest - q.zero_point), q.highest - q.zero_point);
  return byte_of_integer(clamped) + static_cast<int>(q.zero_point);
}

template <StemInput kInput>
__device__ __forceinline__ std::uint32_t quantise_quad(const StemParams& p, float4 v) {
  if constexpr (kInput == StemInput::f32_mge) {
    const float values[4] = {v.x, v.y, v.z, v.w};
    float steps[4];
    // The maximum gives NaN the lowest integer; the saturating pack is the clamp.
#pragma unroll
    for (int i = 0; i < 4; ++i) steps[i] = fmaxf(__fmul_rn(values[i], p.quantiser.factor), -200.0f);
    return quantise4(steps, 1.0f);
  } else {
    return pack_bytes(quantise_even(p.quantiser, v.x), quantise_even(p.quantiser, v.y),
                      quantise_even(p.quantiser, v.z), quantise_even(p.quantiser, v.w));
  }
}

// The quads (four pixels of a channel) of one half of a row, of each channel.
template <typename G>
__device__ __forceinline__ void read_quads(const StemParams& p, std::uint32_t from,
                                           std::uint32_t (&quads)[3]) {
#pragma unroll
  for (int c = 0; c < 3; ++c) {
    const std::uint32_t at = from + c * G::kGroupRows * G::kBoxPixels * G::kPixelBytes;
    if constexpr (G::kInput != StemInput::bytes) {
      // Zeros outside the image, which are quantised to the zero point.
      quads[c] = quantise_quad<G::kInput>(p, load_shared_floats(at));
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
    store_shared_16(to + (second ? 16 : 0), word);
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

// --- consumers -----------------------------------------------------------------------------------

template <typename G>
using StemSums = int[G::kN / 2];  // [4j + 2 * (second channel) + e]: column 28q + 2j + e

// The products of one row of the convolution, which begins at row `kFirst` of the first of the
// groups at `groups`.
template <typename G, int kFirst>
__device__ __forceinline__ void multiply_row(StemSums<G>& sums,
                                             const std::uint32_t (&filter)[G::kFilterRows][4],
                                             const std::uint32_t (&groups)[3]) {
#pragma unroll
  for (int r = 0; r < G::kFilterRows; ++r) {
    const std::uint64_t group = unswizzled_descriptor(groups[(kFirst + r) / 4], 128, 128);
    WgmmaRows<G::kN, G::kUnsigned>::run(
        sums, filter[r], descriptor_after(group, (kFirst + r) % 4 * G::kRowBytes), r > 0);
  }
}

// The sum left of this thread's columns, for both channels.
template <typename G>
__device__ __forceinline__ void left_of(const StemSums<G>& sums, int (&left)[2], int lane) {
#pragma unroll
  for (int i = 0; i < 2; ++i) {
    const int value = __shfl_up_sync(~0u, sums[4 * (G::kRuns - 1) + 2 * i + 1], 1);
    left[i] = lane % 4 == 0 ? INT_MIN : value;
  }
}

template <typename G>
__device__ __forceinline__ int left_sum(const StemSums<G>& sums, const int (&left)[2], int j,
                                        int i) {
  return j == 0 ? left[i] : sums[4 * (j - 1) + 2 * i + 1];
}

// The row's maxima of three columns, without the rows above and below.
template <typename G>
__device__ __forceinline__ void pool_columns(const StemSums<G>& sums, int (&most)[G::kRuns][2],
                                             int lane) {
  int left[2];
  left_of<G>(sums, left, lane);
#pragma unroll
  for (int j = 0; j < G::kRuns; ++j)
#pragma unroll
    for (int i = 0; i < 2; ++i)
      most[j][i] =
          __vimax3_s32(left_sum<G>(sums, left, j, i), sums[4 * j + 2 * i], sums[4 * j + 2 * i + 1]);
}

// Adds a row to the maxima of those above it.
template <typename G>
__device__ __forceinline__ void pool_below(const StemSums<G>& sums, int (&most)[G::kRuns][2],
                                           int lane) {
  int row[G::kRuns][2];
  pool_columns<G>(sums, row, lane);
#pragma unroll
  for (int j = 0; j < G::kRuns; ++j)
#pragma unroll
    for (int i = 0; i < 2; ++i) most[j][i] = max(most[j][i], row[j][i]);
}

// Two channels of two neighbouring columns: a word for stmatrix.
template <typename G>
__device__ __forceinline__ std::uint32_t finish_word(const StemParams& p, const int (&sums)[4],
                                                     const float (&m)[2], const int (&bias)[2]) {
  int q[4];
  if constexpr (G::kPlainRelu) {
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      // Below zero the half of the wrong sign leaves a number below zero, or 0.
      const float v = scale_sum<G::kRule>(sums[i], m[i % 2], bias[i % 2]);
      q[i] = __float2int_rz(__fadd_rn(__fmul_rn(v, p.step.factor), 0.5f));
    }
    const std::uint32_t word = pack_saturated(q);
    return word & ~byte_signs(word);
  } else {
#pragma unroll
    for (int i = 0; i < 4; ++i)
      q[i] = finish_step<G::kRule, G::kRule != WgmmaRule::onnx>(
          p.step, scale_sum<G::kRule>(sums[i], m[i % 2], bias[i % 2]));
    return pack_bytes(q[0], q[1], q[2], q[3]);
  }
}

// A row that is not pooled.
template <typename G>
struct StemRowWords {
  std::uint32_t of[G::kRuns];
};
template <typename G>
__device__ __forceinline__ StemRowWords<G> finish_row(const StemParams& p, const StemSums<G>& sums,
                                                      const float (&m)[2], const int (&bias)[2]) {
  StemRowWords<G> words;
#pragma unroll
  for (int j = 0; j < G::kRuns; ++j)
    words.of[j] = finish_word<G>(
        p, {sums[4 * j], sums[4 * j + 2], sums[4 * j + 1], sums[4 * j + 3]}, m, bias);
  return words;
}

// Where a warp stages its 16 channels: as the copy engine swizzles 64 bytes (NHWC) or 32 (a plane
// of NCHW32), which also keeps the writes by matrices free of bank conflicts.
struct StemStaging {
  int span, chunk, flip_shift, flip_mask;
  std::uint32_t plane;

  __device__ __forceinline__ StemStaging(bool planes, int warp, int plane_bytes)
      : span(planes ? 32 : 64),
        chunk(planes ? warp % 2 : warp),
        flip_shift(planes ? 2 : 1),
        flip_mask(planes ? 1 : 3),
        plane(planes ? warp / 2 * plane_bytes : 0) {}
  __device__ __forceinline__ std::uint32_t at(int column) const {
    return plane + at(column, chunk);
  }
  // Of any 16 channels of the span.
  __device__ __forceinline__ std::uint32_t at(int column, int of_span) const {
    return column * span + ((of_span ^ (column >> flip_shift & flip_mask)) << 4);
  }
};

// Words [column pair] of a row of kWords * 8 columns, to the stage. With `skip` the first column is
// left out: it goes where the last would be.
template <int kWords>
__device__ __forceinline__ void stage_row(std::uint32_t stage, const std::uint32_t (&words)[kWords],
                                          bool skip, const StemStaging& staging, int lane) {
  const int first = lane % 8 / 2 * (2 * kWords) + lane % 2 - (skip ? 1 : 0);
  const auto address = [&](int word) {
    const int column = first + 2 * (word + lane / 8);
    return stage + staging.at(column < 0 ? 8 * kWords - 1 : column);
  };
#pragma unroll
  for (int i = 0; i + 4 <= kWords; i += 4)
    store_matrix_trans_x4(address(i), {words[i], words[i + 1], words[i + 2], words[i + 3]});
  constexpr int kLeft = kWords % 4, kDone = kWords - kLeft;
  if constexpr (kLeft >= 2) store_matrix_trans_x2(address(kDone), words[kDone], words[kDone + 1]);
  if constexpr (kLeft % 2 == 1) store_matrix_trans_x1(address(kWords - 1), words[kWords - 1]);
}

// The channels of a staged row or two, each plane by itself.
template <typename G>
__device__ __forceinline__ void store_stage(const StemParams& p, const CUtensorMap& y,
                                            std::uint32_t stage, int column, int row, int image) {
  if (p.y_planes == 0) {
    store_box(&y, stage, 0, column, row, image);
    return;
  }
  for (int plane = 0; plane < p.y_planes; ++plane)
    store_box(&y, stage + plane * (G::kStageBytes / 2), 0, column, row, image * p.y_planes + plane);
}

// The same by words, by all threads of the warpgroup: 8 columns of a word are a sector of NCHW4,
// and they are staged in different banks. In CHWN4 other blocks, which are at the same row of their
// images, fill the rest of a sector while it is in L2.
template <typename G>
__device__ __forceinline__ void store_words(const StemWordOutput& to, std::uint32_t stage,
                                            int column, int row, int image, const StemStaging& rows,
                                            int tid) {
  const int count = min(to.columns_of_tile, to.columns - column);
  std::int8_t* const y = to.y + image * to.strides.n + row * to.strides.h;
  const int word = tid / 8;
  if (word >= to.words) return;
#pragma unroll
  for (int r = 0; r < G::kOutputRows; ++r)
    for (int i = tid % 8; i < count; i += 8) {
      const std::uint32_t from = stage + r * G::kOutputColumns * 64 + rows.at(i, word / 4);
      *reinterpret_cast<std::uint32_t*>(y + r * to.strides.h + word * to.strides.c +
                                        (column + i) * to.strides.w) =
          load_shared_4(from + word % 4 * 4);
    }
}

template <typename G>
__device__ __forceinline__ void consume(const StemParams& p, const CUtensorMap& y,
                                        const StemShared<G>& shared, int pair) {
  const int tid = static_cast<int>(threadIdx.x) % 128, lane = tid % 32;
  const int warp = __shfl_sync(~0u, tid / 32, 0);
  std::uint32_t filter[G::kFilterRows][4];
#pragma unroll
  for (int r = 0; r < G::kFilterRows; ++r)
#pragma unroll
    for (int i = 0; i < 4; ++i) filter[r][i] = __ldg(p.filter + (r * 4 + i) * 128 + tid);
  const int channel = warp * 16 + lane / 4 * 2;
  const float m[2] = {__ldg(p.m + channel), __ldg(p.m + channel + 1)};
  const int bias[2] = {__ldg(p.bias + channel), __ldg(p.bias + channel + 1)};

  const StemRange range(p, pair);
  RingPosition<G::kSlots> arriving, leaving;
  const auto wait_group = [&] {
    barrier_wait(shared.full(arriving.slot), arriving.parity);
    const std::uint32_t group = shared.group(arriving.slot);
    arriving.advance();
    return group;
  };
  const auto release_group = [&] {
    if (lane == 0) barrier_arrive(shared.empty(leaving.slot));
    leaving.advance();
  };
  const StemStaging staging(p.y_planes > 0, warp, G::kStageBytes / 2);
  int stage = 0;
  for (int unit = range.first; unit < range.last;) {
    const StemSegment segment(p, unit, range.last);
    unit += segment.count;
    std::uint32_t groups[3] = {};  // those of the current step
#pragma unroll
    for (int g = 0; g + 1 < G::kGroups; ++g) groups[g + 1] = wait_group();

    int above[G::kRuns][2];  // of the convolution row above the step's, pooled along the row
    if constexpr (G::kPool) {
      if (segment.first > 0) {
        StemSums<G> sums;
        wgmma_fence();
        multiply_row<G, 1>(sums, filter, {groups[1], groups[2], 0});
        wgmma_commit();
        wgmma_wait<0>();
        pool_columns<G>(sums, above, lane);
      } else {
#pragma unroll
        for (int j = 0; j < G::kRuns; ++j) above[j][0] = above[j][1] = INT_MIN;
      }
    }
    for (int step = segment.first; step < segment.first + segment.count; ++step) {
#pragma unroll
      for (int g = 0; g + 1 < G::kGroups; ++g) groups[g] = groups[g + 1];
      groups[G::kGroups - 1] = wait_group();
      StemSums<G> even, odd;
      wgmma_fence();
      multiply_row<G, 3>(even, filter, groups);
      wgmma_commit();
      multiply_row<G, 5>(odd, filter, groups);
      wgmma_commit();
      wgmma_wait<1>();
      const std::uint32_t to = shared.stage(stage);
      stage ^= 1;
      // While the odd row is multiplied.
      if constexpr (G::kPool) pool_below<G>(even, above, lane);
      else stage_row(to, finish_row<G>(p, even, m, bias).of, false, staging, lane);
      wgmma_wait<0>();
      release_group();
      if constexpr (G::kPool) {
        int below[G::kRuns][2];
        pool_columns<G>(odd, below, lane);
        std::uint32_t words[G::kRuns / 2];
#pragma unroll
        for (int j = 0; j < G::kRuns; j += 2) {
          int most[4];
#pragma unroll
          for (int i = 0; i < 4; ++i) {
            const int k = j + i / 2, c = i % 2;
            most[i] = max(above[k][c], below[k][c]);
            above[k][c] = below[k][c];
          }
          words[j / 2] = finish_word<G>(p, most, m, bias);
        }
        stage_row(to, words, segment.tile > 0, staging, lane);
      } else {
        stage_row(to + G::kOutputColumns * staging.span, finish_row<G>(p, odd, m, bias).of, false,
                  staging, lane);
      }
      fence_async_proxy();
      // The store of the step before has read its stage, which the next step writes again.
      if (tid == 0) wait_stores_read<0>();
      named_barrier_sync(1 + pair, 128);
      const int column = segment.tile * (G::kPool ? 55 : 112), row = step * G::kOutputRows;
      if (!G::kStoresWords || p.words.y == nullptr) {
        if (tid == 0) store_stage<G>(p, y, to, column, row, segment.image);
      } else if constexpr (G::kStoresWords) {
        store_words<G>(p.words, to, column, row, segment.image, staging, tid);
      }
    }
#pragma unroll
    for (int g = 0; g + 1 < G::kGroups; ++g) release_group();
  }
  if (tid == 0) wait_stores();
}

template <typename G>
__global__ __launch_bounds__(G::kThreads, 1) void stem(const __grid_constant__ StemParams p,
                                                       const __grid_constant__ CUtensorMap x,
                                                       const __grid_constant__ CUtensorMap y) {
#ifdef __CUDA_ARCH_FEAT_SM90_ALL  // other devices never get this kernel: see has_wgmma()
  std::uint8_t* const raw = dynamic_shared_memory();
  const int tid = static_cast<int>(threadIdx.x);
  // The role is uniform over a warp; saying so keeps wgmma from being serialised.
  const int group = __shfl_sync(~0u, tid / 128, 0), pair = group % 2;
  const StemShared<G> shared{((smem_address(raw) + 511) & ~511u) + pair * G::kPairBytes};
  if (tid % 128 == 0 && group < G::kPairs) {
    prefetch_map(&x);
    prefetch_map(&y);
    for (int i = 0; i < G::kSlots; ++i) {
      barrier_init(shared.full(i), 4);   // one arrival per producer warp
      barrier_init(shared.empty(i), 4);  // and per consumer warp
    }
    for (int i = 0; i < G::kAhead; ++i) {
      barrier_init(shared.raw_full(i), 1);
      barrier_init(shared.raw_empty(i), 4);
    }
  }
  fence_async_proxy();
  __syncthreads();
  allow_next_kernel();
  wait_for_earlier_kernels();
  if (group >= G::kPairs) {
    release_registers<G::kProducerRegisters>();
    produce<G>(p, x, shared, StemRange(p, pair), tid / 32 % 4, tid % 32);
  } else {
    take_registers<G::kConsumerRegisters>();
    consume<G>(p, y, shared, pair);
  }
#endif
}

template <typename G>
void launch_stem(const StemParams& params, const CUtensorMap& x, const CUtensorMap& y,
                 cudaStream_t stream) {
  const auto kernel = stem<G>;
  cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, G::kSharedBytes);
  const int block = G::kPairs * params.units_per_pair;
  const int blocks = (params.units + block - 1) / block;
  launch_chained(kernel, {static_cast<unsigned>(blocks), G::kThreads, G::kSharedBytes}, stream,
                 params, x, y);
}

}  // namespace octet::cuda
