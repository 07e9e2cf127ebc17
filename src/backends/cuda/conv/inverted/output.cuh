// The end of the fused inverted residual block: the sums of all hidden channels, the residual, and
// the way of a tile to memory. See inverted.cuh.
#pragma once

#include "backends/cuda/conv/inverted/block.cuh"
#include "backends/cuda/conv/wgmma/pipeline.cuh"

namespace octet::cuda {

// The epilogue's form, as finish4() takes it.
template <WgmmaZ Z>
struct InvertedForm {
  static constexpr WgmmaRule kRule = WgmmaRule::scaled_bias;
  static constexpr WgmmaZ kZ = Z;
  static constexpr bool kPlain = true;
};

// Adds the sums of the other teams to those of the first. All of the block's shared memory is free
// by then.
template <typename G>
__device__ __forceinline__ void join_teams(const InvertedShared<G>& shared, InvertedSums<G>& sums) {
  int* const held = &sums[0][0][0][0];
  int* const exchange =
      reinterpret_cast<int*>(dynamic_shared_memory()) + shared.warp * 32 + shared.lane;
  const auto at = [&](int team, int i) {
    return exchange + ((team - 1) * G::kSums + i) * G::kTeamThreads;
  };
  if (shared.team > 0) {
#pragma unroll
    for (int i = 0; i < G::kSums; ++i) *at(shared.team, i) = held[i];
  }
  __syncthreads();
  if (shared.team > 0) return;
#pragma unroll
  for (int i = 0; i < G::kSums; ++i) {
#pragma unroll
    for (int team = 1; team < G::kTeams; ++team) held[i] += *at(team, i);
  }
}

// The first channel of each pixel of a unit that a thread has sums of, counted from the tile's
// first byte; -1 where there is no such pixel.
template <typename G>
using InvertedPixels = int[2][G::kRows];

template <typename G>
__device__ __forceinline__ void find_pixels(const InvertedParams& p,
                                            const InvertedShared<G>& shared,
                                            const InvertedTile<G>& tile, int unit,
                                            InvertedPixels<G>& pixels) {
#pragma unroll
  for (int half = 0; half < 2; ++half) {
    const int position = (G::kSplit ? (unit >> 1) : unit) * 16 + (shared.lane >> 2) + half * 8;
    const int line = divide(position, p.line), column = position - line * p.pitch;
#pragma unroll
    for (int r = 0; r < G::kRows; ++r) {
      const int row = line * G::kLineRows + (G::kSplit ? (unit & 1) : r);
      pixels[half][r] =
          column < p.ow && row < tile.rows ? (row * p.ow + column) * p.out_channels : -1;
    }
  }
}

// Four channels of kCount pixels, from sums to bytes of the tile.
template <WgmmaZ kZ, Finish kFinish, int kCount, typename Put>
__device__ __forceinline__ void finish_words(const InvertedParams& p, const std::int8_t* z,
                                             int channel, const int (&pixels)[kCount],
                                             const int (&sums)[kCount][4], const Put& put) {
  if (channel >= p.out_channels) return;
  float m[4];
  int bias[4];
  *reinterpret_cast<float4*>(m) = __ldg(reinterpret_cast<const float4*>(p.project.m + channel));
  *reinterpret_cast<int4*>(bias) = __ldg(reinterpret_cast<const int4*>(p.project.bias + channel));
  // All that is read of z is on its way before the first is used.
  std::uint32_t added[kCount] = {};
  if constexpr (kZ != WgmmaZ::none) {
#pragma unroll
    for (int i = 0; i < kCount; ++i)
      if (pixels[i] >= 0)
        added[i] = __ldg(reinterpret_cast<const std::uint32_t*>(z + pixels[i] + channel));
  }
#pragma unroll
  for (int i = 0; i < kCount; ++i) {
    const std::uint32_t word =
        finish4<InvertedForm<kZ>, kFinish>(p.project, sums[i], m, bias, added[i]);
    if (pixels[i] >= 0) put(pixels[i] + channel, word);
  }
}

// Gives put(byte of the tile, word). A pair of 8 columns is four channels of each pixel of a
// thread. Of a last one without a partner a thread has two; neighbours exchange, so that each has
// four of one pixel.
template <typename G, WgmmaZ kZ, Finish kFinish, typename Put>
__device__ __forceinline__ void finish_unit(const InvertedParams& p,
                                            const InvertedShared<G>& shared,
                                            const InvertedPixels<G>& pixels,
                                            const int (&sums)[G::kRows][G::kN / 8][4],
                                            const std::int8_t* z, const Put& put) {
  constexpr int kRows = G::kRows, kTiles = G::kN / 8;
  const int quarter = (shared.lane & 3);
#pragma unroll
  for (int j = 0; j + 1 < kTiles; j += 2) {
    int of[2 * kRows], four[2 * kRows][4];
#pragma unroll
    for (int i = 0; i < 2 * kRows; ++i) {
      const int row = i / 2, half = i % 2;
      of[i] = pixels[half][row];
#pragma unroll
      for (int e = 0; e < 4; ++e) four[i][e] = sums[row][j + e / 2][2 * half + e % 2];
    }
    finish_words<kZ, kFinish>(p, z, 8 * j + 4 * quarter, of, four, put);
  }
  if constexpr (kTiles % 2 == 1) {
    const bool odd = (quarter & 1) == 1;
    int of[kRows], four[kRows][4];
#pragma unroll
    for (int row = 0; row < kRows; ++row) {
      const int(&own)[4] = sums[row][kTiles - 1];
      of[row] = odd ? pixels[1][row] : pixels[0][row];
#pragma unroll
      for (int e = 0; e < 2; ++e) {
        const int other = __shfl_xor_sync(~0u, odd ? own[e] : own[2 + e], 1);
        four[row][e] = odd ? other : own[e];
        four[row][2 + e] = odd ? own[2 + e] : other;
      }
    }
    finish_words<kZ, kFinish>(p, z, 8 * (kTiles - 1) + (quarter >> 1) * 4, of, four, put);
  }
}

template <typename G, WgmmaZ kZ>
__device__ __forceinline__ void finish_tile(const InvertedParams& p,
                                            const InvertedShared<G>& shared,
                                            const InvertedTile<G>& tile,
                                            const InvertedSums<G>& sums, const std::int8_t* z) {
  finish_by_form<InvertedForm<kZ>>(p.project, [&]<Finish kFinish>() {
#pragma unroll
    for (int i = 0; i < G::kUnits; ++i) {
      InvertedPixels<G> pixels;
      find_pixels<G>(p, shared, tile, shared.warp + i * G::kWarps, pixels);
      finish_unit<G, kZ, kFinish>(p, shared, pixels, sums[i], z, [&](int at, std::uint32_t word) {
        store_shared_4(shared.base + at, word);
      });
    }
  });
}

template <typename G>
__device__ __forceinline__ void write_tile(const InvertedParams& p, const InvertedShared<G>& shared,
                                           InvertedSums<G>& sums) {
  const InvertedTile<G> tile = *shared.tile(p);
  __syncthreads();  // nobody needs what lies in shared memory any more
  if constexpr (G::kTeams > 1) {
    join_teams<G>(shared, sums);
    __syncthreads();
  }
  const long long first = tile.first_byte(p);
  if (shared.team == 0) {
    if (p.z == nullptr) finish_tile<G, WgmmaZ::none>(p, shared, tile, sums, nullptr);
    else finish_tile<G, WgmmaZ::twice>(p, shared, tile, sums, p.z + first);
  }
  __syncthreads();
  // Whole rows of all columns are one run of memory.
  const auto* const stage = reinterpret_cast<const uint2*>(dynamic_shared_memory());
  auto* const y = reinterpret_cast<uint2*>(p.y + first);
  const int count = tile.rows * p.ow * p.out_channels / 8;
  for (int i = static_cast<int>(threadIdx.x); i < count; i += G::kThreads) y[i] = stage[i];
}

}  // namespace octet::cuda
