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
  constexpr int kEach = G::kUnits * G::kRows * G::kN / 2;
  int* const held = &sums[0][0][0];
  const int in_team = static_cast<int>(threadIdx.x) % G::kTeamThreads;
  int* const exchange = reinterpret_cast<int*>(shared.raw) + in_team;
  const auto at = [&](int team, int i) {
    return exchange + ((team - 1) * kEach + i) * G::kTeamThreads;
  };
  if (shared.team > 0) {
#pragma unroll
    for (int i = 0; i < kEach; ++i) *at(shared.team, i) = held[i];
  }
  __syncthreads();
  if (shared.team > 0) return;
#pragma unroll
  for (int i = 0; i < kEach; ++i) {
#pragma unroll
    for (int team = 1; team < G::kTeams; ++team) held[i] += *at(team, i);
  }
}

// The bytes of this warpgroup's positions to `stage`, [pixel][channel] as memory has them.
template <typename G, WgmmaZ kZ, Finish kFinish>
__device__ __forceinline__ void finish_tile(const InvertedParams& p,
                                            const InvertedShared<G>& shared,
                                            const InvertedTile& tile, const InvertedSums<G>& sums,
                                            std::uint32_t stage, long long first) {
#pragma unroll
  for (int unit = 0; unit < G::kUnits; ++unit)
#pragma unroll
    for (int half = 0; half < 2; ++half) {
      const int position = (shared.group + unit * G::kGroups) * 64 + shared.warp * 16 +
                           shared.lane / 4 + half * 8;
      const int line = position / p.places.pitch, column = position - line * p.places.pitch;
#pragma unroll
      for (int row = 0; row < G::kRows; ++row) {
        if (column >= p.ow || line * G::kRows + row >= tile.rows) continue;
        const int pixel = (line * G::kRows + row) * p.ow + column;
#pragma unroll
        for (int t = 0; t < G::kN / 16; ++t) {
          const int channel = t * 16 + shared.lane % 4 * 4, at = pixel * p.out_channels + channel;
          if (channel >= p.out_channels) continue;
          float m[4];
          int bias[4];
          *reinterpret_cast<float4*>(m) =
              __ldg(reinterpret_cast<const float4*>(p.project.m + channel));
          *reinterpret_cast<int4*>(bias) =
              __ldg(reinterpret_cast<const int4*>(p.project.bias + channel));
          std::uint32_t z = 0;
          if constexpr (kZ != WgmmaZ::none)
            z = __ldg(reinterpret_cast<const std::uint32_t*>(p.z + first + at));
          const int* const held = sums[unit][row] + 8 * t + 2 * half;
          store_shared_4(stage + at, finish4<InvertedForm<kZ>, kFinish>(
                                         p.project, {held[0], held[1], held[4], held[5]}, m, bias,
                                         z));
        }
      }
    }
}

template <typename G, WgmmaZ kZ>
__device__ __forceinline__ void finish_tile(const InvertedParams& p,
                                            const InvertedShared<G>& shared,
                                            const InvertedTile& tile, const InvertedSums<G>& sums,
                                            std::uint32_t stage, long long first) {
  finish_by_form<InvertedForm<kZ>>(p.project, [&]<Finish kFinish>() {
    finish_tile<G, kZ, kFinish>(p, shared, tile, sums, stage, first);
  });
}

template <typename G>
__device__ __forceinline__ void write_tile(const InvertedParams& p,
                                           const InvertedShared<G>& shared,
                                           const InvertedTile& tile, InvertedSums<G>& sums) {
  __syncthreads();  // nobody needs what lies in shared memory any more
  if constexpr (G::kTeams > 1) {
    join_teams<G>(shared, sums);
    __syncthreads();
  }
  const long long first =
      static_cast<long long>(tile.image * p.oh + tile.first) * p.ow * p.out_channels;
  if (shared.team == 0) {
    if (p.z == nullptr) finish_tile<G, WgmmaZ::none>(p, shared, tile, sums, shared.base, first);
    else finish_tile<G, WgmmaZ::twice>(p, shared, tile, sums, shared.base, first);
  }
  __syncthreads();
  // Whole rows of all columns are one run of memory.
  const auto* const stage = reinterpret_cast<const uint2*>(shared.raw);
  auto* const y = reinterpret_cast<uint2*>(p.y + first);
  const int count = tile.rows * p.ow * p.out_channels / 8;
  for (int i = static_cast<int>(threadIdx.x); i < count; i += G::kThreads) y[i] = stage[i];
}

}  // namespace octet::cuda
