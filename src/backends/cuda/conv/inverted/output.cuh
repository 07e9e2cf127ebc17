// The end of the fused inverted residual block: the sums of all hidden channels, the residual, and
// the way of a tile to memory. See inverted.cuh.
#pragma once

#include "backends/cuda/conv/inverted/block.cuh"
#include "backends/cuda/conv/inverted/finish.cuh"

namespace octet::cuda {

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

// Gives put(byte of the tile, word) for the sums of a unit.
template <WgmmaZ kZ, Finish kFinish, int kRows, int kTiles, typename Put>
__device__ __forceinline__ void finish_unit(const InvertedParams& p,
                                            const PositionPixels<kRows>& pixels,
                                            const int (&sums)[kRows][kTiles][4],
                                            const std::int8_t* z, const Put& put) {
  split_unit(0, pixels, sums, [&](int channel, const auto& of, const auto& four) {
    finish_words<kZ, kFinish>(p, z, channel, of, four, put);
  });
}

template <typename G>
__device__ __forceinline__ void find_pixels(const InvertedParams& p,
                                            const InvertedShared<G>& shared,
                                            const InvertedTile<G>& tile, int unit,
                                            PositionPixels<G::kRows>& pixels) {
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

template <typename G, WgmmaZ kZ>
__device__ __forceinline__ void finish_tile(const InvertedParams& p,
                                            const InvertedShared<G>& shared,
                                            const InvertedTile<G>& tile,
                                            const InvertedSums<G>& sums, const std::int8_t* z) {
  finish_by_form<InvertedForm<kZ>>(p.project, [&]<Finish kFinish>() {
#pragma unroll
    for (int i = 0; i < G::kUnits; ++i) {
      PositionPixels<G::kRows> pixels;
      find_pixels<G>(p, shared, tile, shared.warp + i * G::kWarps, pixels);
      finish_unit<kZ, kFinish>(p, pixels, sums[i], z, [&](int at, std::uint32_t word) {
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
