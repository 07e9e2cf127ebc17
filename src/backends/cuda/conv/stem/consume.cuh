// The consumer warpgroups of the first layer: products, pool, epilogue, stores. See stem.cuh.
#pragma once

#include <climits>

#include "backends/cuda/common/ptx_bytes.cuh"
#include "backends/cuda/common/ptx_hopper.cuh"
#include "backends/cuda/common/ptx_transpose.cuh"
#include "backends/cuda/common/ptx_wgmma_rows.cuh"
#include "backends/cuda/conv/stem/block.cuh"
#include "backends/cuda/conv/wgmma/epilogue.cuh"

namespace octet::cuda {

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
  if constexpr (G::kLines) {
    // One conversion takes, rounds, saturates and packs two values.
#pragma unroll
    for (int i = 0; i < 4; ++i)
      q[i] = __float2int_rn(
          __fmaf_rn(static_cast<float>(sums[i]), m[i % 2], __int_as_float(bias[i % 2])));
    return relu_bytes(pack_saturated(q), ~0u);
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
  if (tid == 0) wait_stores_read<0>();
}

}  // namespace octet::cuda
