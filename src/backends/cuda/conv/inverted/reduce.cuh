// The second and third step of the fused inverted residual block: the depthwise convolution of 32
// hidden channels and what they add to the output channels. See inverted.cuh.
#pragma once

#include "backends/cuda/common/ptx_wgmma.cuh"
#include "backends/cuda/common/ptx_wgmma_rows.cuh"
#include "backends/cuda/conv/inverted/block.cuh"

namespace octet::cuda {

// The left operand of the projection: of each of a position's rows 32 channels of 16 positions.
template <typename G>
using InvertedFragments = std::uint32_t[G::kRows][4];

// Depthwise sums of 64 positions and 16 channels.
template <typename G>
using DepthwiseSums = int[8 * G::kRows];

template <typename G>
__device__ __forceinline__ void multiply_taps(const InvertedParams& p, DepthwiseSums<G>& sums,
                                              std::uint64_t hidden, std::uint64_t filter) {
  constexpr int kTapBytes = 512 * G::kRows;
#pragma unroll
  for (int tap = 0; tap < kInvertedTaps; ++tap)
    Wgmma<16 * G::kRows, false>::run(sums, descriptor_after(hidden, p.taps[tap] * 16),
                                     descriptor_after(filter, tap * kTapBytes), tap > 0);
}

// Words of four channels are what a thread must hold of the left operand: see inverted.cuh.
template <typename G, int kHalf>
__device__ __forceinline__ void finish_taps(const InvertedParams& p, const DepthwiseSums<G>& sums,
                                            std::uint32_t bias_at, InvertedFragments<G>& to) {
  int bias[4];
  load_biases(bias, bias_at + kHalf * 64);
#pragma unroll
  for (int row = 0; row < G::kRows; ++row) {
    std::uint32_t words[2];
    finish_hidden<WgmmaRule::integer_bias>(p.depthwise, p.depthwise_m, bias, sums + 8 * row, words);
    to[row][2 * kHalf] = words[0];
    to[row][2 * kHalf + 1] = words[1];
  }
}

// Adds a chunk to the sums of this warpgroup's positions. `blocks` of 64 positions are in the tile;
// `whole`: the chunk has more than 16 channels.
template <typename G>
__device__ __forceinline__ void reduce(const InvertedParams& p, const InvertedShared<G>& shared,
                                       const InvertedPiece<G>& piece, std::uint32_t hidden,
                                       InvertedSums<G>& sums, int blocks, bool whole, bool begins) {
  constexpr int kHalfBytes = G::kShape.depthwise_bytes() / 2;
  const std::uint64_t a = unswizzled_descriptor(hidden, p.pair_step, 128);
  const std::uint64_t b = unswizzled_descriptor(piece.depthwise, 256 * G::kRows, 128);
  const std::uint64_t project = unswizzled_descriptor(piece.project, 16 * G::kN, 128);
  const std::uint32_t bias_at = piece.depthwise_bias + shared.lane % 4 * 16;
#pragma unroll
  for (int unit = 0; unit < G::kUnits; ++unit) {
    const int block = shared.group + unit * G::kGroups;
    if (block >= blocks) break;
    const std::uint64_t from = descriptor_after(a, block * 1024);
    DepthwiseSums<G> taps;
    InvertedFragments<G> fragments = {};
    wgmma_fence();
    multiply_taps<G>(p, taps, from, b);
    wgmma_commit();
    wgmma_wait<0>();
    finish_taps<G, 0>(p, taps, bias_at, fragments);
    wgmma_fence();
    multiply_taps<G>(p, taps, descriptor_after(from, p.plane_bytes),
                     descriptor_after(b, kHalfBytes));
    wgmma_commit();
    wgmma_wait<0>();
    if (whole) finish_taps<G, 1>(p, taps, bias_at, fragments);
    wgmma_fence();
#pragma unroll
    for (int row = 0; row < G::kRows; ++row)
      WgmmaRows<G::kN, false>::run(sums[unit][row], fragments[row], project, begins ? 0 : 1);
    wgmma_commit();
    wgmma_wait<0>();
  }
}

}  // namespace octet::cuda
