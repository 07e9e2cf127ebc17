// Two convolutions of one input in one launch: the tiles of both, by the persistent blocks of
// wgmma/gemm.cuh or by the small ones of wgmma/split.cuh.
//
//   in memory order of the pixels:   0 0 1 0 0 1 0 0 1 ...   (`run` tiles of conv[0], one of
//   conv[1]) wave 0:  block 0 1 2 3 ...       each block takes a tile of each wave, in every wave
//   one place wave 1:  block 3 0 1 2 ...       further on, so that all get the same share of both
//
// Both walk through the images at the same pace, so what one has brought to L2 serves the other;
// and there is one launch and one last wave instead of two. A block keeps what gemm.cuh keeps: a
// ring, slots, and the filters of both where they fit.
// Bound by what bounds the two.
#pragma once

#include "backends/cuda/common/warpgroup.cuh"
#include "backends/cuda/conv/siblings/params.hpp"
#include "backends/cuda/conv/wgmma/split.cuh"

namespace octet::cuda {

struct SiblingsTile {
  int conv, n, m;
};

// This block's tile of a wave; false where it has none, which is in the last wave.
__device__ __forceinline__ bool take_siblings_tile(const SiblingsParams& p, int wave,
                                                   SiblingsTile& tile) {
  const int grid = static_cast<int>(gridDim.x);
  const int t = wave * grid + (static_cast<int>(blockIdx.x) + wave) % grid;
  if (t >= p.tiles[0] + p.tiles[1]) return false;
  const SiblingsPlace place = siblings_place(p, t);
  tile.conv = place.conv;
  const int n_tiles = p.conv[tile.conv].n_tiles;
  tile.m = place.index / n_tiles;
  tile.n = place.index - tile.m * n_tiles;
  return true;
}

template <typename G>
__device__ __forceinline__ void produce_siblings(const SiblingsMaps& maps, const SiblingsParams& p,
                                                 const BlockShared<G>& shared) {
  RingPosition at{0, 1};
  SiblingsTile tile;
  wait_for_earlier_kernels();
  for (int wave = 0; take_siblings_tile(p, wave, tile); ++wave) {
    const WgmmaConvParams& conv = p.conv[tile.conv];
    produce_tile<G>(maps.conv[tile.conv].x, conv, shared, at, tile.m * G::kM,
                    conv.filter + static_cast<long long>(tile.n) * conv.k_tiles * G::kBBytes, 0);
  }
}

template <typename G>
__device__ __forceinline__ void consume_siblings(const SiblingsMaps& maps, const SiblingsParams& p,
                                                 const BlockShared<G>& shared, int group) {
  const int tid = static_cast<int>(threadIdx.x) % 128;
  const int team = group / G::kGroups, part = group % G::kGroups;
  wait_for_preparations(shared);
  Turns<G>::begin(team);
  RingPosition at{0, 0};
  SiblingsTile tile;
  int wave = 0, turn = 0;
  for (; take_siblings_tile(p, wave, tile); ++wave) {
    const WgmmaConvParams& conv = p.conv[tile.conv];
    if (wave % G::kTeams != team) {
      at.skip(conv.k_tiles / conv.stages, conv.k_tiles % conv.stages, conv.stages);
      continue;
    }
    int acc[G::kBlocksM][G::kN / 2];
    const int block = p.first_block[tile.conv] + tile.n * conv.k_tiles;
    multiply_tile<G>(conv, shared, acc, at, team, part, shared.filter + block * G::kBBytes,
                     tid % 32, conv.k_tiles);
    const int constants = (p.first_n[tile.conv] + tile.n) * G::kN;
    finish_turn<G>(
        conv, shared, group, turn++,
        [&]<Finish kFinish>(std::uint32_t slot) {
          finish_tile<G, kFinish>(conv, acc, slot, shared.m + constants, shared.bias + constants,
                                  tid);
        },
        [&](std::uint32_t slot) {
          store_box(&maps.conv[tile.conv].y, slot, tile.n * G::kN,
                    tile.m * G::kM + part * G::kRows);
        });
  }
  Turns<G>::end(team, wave);
  if (stores<G>(tid)) wait_stores_read<0>();
}

template <typename G>
__global__ __launch_bounds__(G::kThreads,
                             1) void siblings_conv(const __grid_constant__ SiblingsMaps maps,
                                                   const __grid_constant__ SiblingsParams p) {
#ifdef __CUDA_ARCH_FEAT_SM90_ALL  // other devices never get this kernel: see has_wgmma()
  const int tid = static_cast<int>(threadIdx.x);
  const int group = warpgroup();
  const BlockShared<G> shared(dynamic_shared_memory(), p.both,
                              G::kABytes + (p.both.resident ? 0 : G::kBBytes),
                              p.blocks * G::kBBytes);
  if (tid < 2) {
    prefetch_map(&maps.conv[tid].x);
    prefetch_map(&maps.conv[tid].y);
  }
  prepare_block(shared, p.both, p.blocks, G::kBBytes);
  if (group == G::kConsumers) {
    release_registers<G::kProducerRegisters>();
    if (warp_of_block() == 4 * G::kConsumers && elected()) produce_siblings<G>(maps, p, shared);
  } else {
    take_registers<G::kRegisters>();
    consume_siblings<G>(maps, p, shared, group);
  }
#endif
}

// A block a tile, those of conv[0] first.
template <typename G>
__global__ __launch_bounds__(256, 2) void siblings_of_single_tiles(
    const __grid_constant__ SiblingsMaps maps, const __grid_constant__ SiblingsParams p) {
#ifdef __CUDA_ARCH_FEAT_SM90_ALL  // other devices never get this kernel: see has_wgmma()
  const int tile = static_cast<int>(blockIdx.x), conv = tile < p.tiles[0] ? 0 : 1;
  split_tile<G, 1>(maps.conv[conv], p.conv[conv], conv == 0 ? tile : tile - p.tiles[0]);
#endif
}

template <typename G, int kSplit>
void launch_siblings_conv(const SiblingsMaps& maps, const SiblingsParams& params,
                          int multiprocessors, cudaStream_t stream) {
  static_assert(kSplit <= 1, "sums that are split would be too short in one of the two");
  const int tiles = params.tiles[0] + params.tiles[1];
  const auto shared = static_cast<std::size_t>(params.both.shared_bytes);
  if constexpr (kSplit == 1)
    launch_pipeline(siblings_of_single_tiles<G>,
                    {dim3(static_cast<unsigned>(tiles)), dim3(256), shared}, stream, maps, params);
  else
    launch_pipeline(siblings_conv<G>,
                    {persistent_blocks(tiles, multiprocessors), G::kThreads, shared}, stream, maps,
                    params);
}

}  // namespace octet::cuda
