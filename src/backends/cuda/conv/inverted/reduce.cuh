// The second and third step of the fused inverted residual block: the depthwise convolution of 32
// hidden channels and what they add to the output channels. See inverted.cuh.
#pragma once

#include "backends/cuda/conv/inverted/block.cuh"

namespace octet::cuda {

// The left operand of the projection: of each of a position's rows 32 channels of 16 positions.
template <typename G>
using InvertedFragments = std::uint32_t[G::kRows][4];

// A warp's way through units of a chunk, kCount at once: each kWarps units after the one before.
// With stride 1 and one row a position, units 2i and 2i + 1 are the two output rows of the same
// positions.
template <typename G>
class Reducer {
 public:
  __device__ __forceinline__ Reducer(const InvertedParams& p, const InvertedShared<G>& shared,
                                     const InvertedPiece<G>& piece, std::uint32_t hidden)
      : p_(p) {
    const int lane = shared.lane;
    lane_ = hidden + ((lane & 15) + (lane >> 4) * p.pitch) * 16;
    filter_ = piece.depthwise + lane * 8 * G::kLineRows;
    steps_ = piece.depthwise_steps + (lane & 3) * 16;
    project_ = piece.project + lane * 8;
  }

  // Adds the units' parts to `sums`. `whole`: the chunk has more than 16 channels.
  template <int kCount>
  __device__ __forceinline__ void run(int unit, bool whole,
                                      int (*sums)[G::kRows][G::kN / 8][4]) const {
    const std::uint32_t from = lane_ + (G::kSplit ? (unit >> 1) : unit) * 256;
    const std::uint32_t filter = filter_ + (G::kSplit ? (unit & 1) * 8 : 0);
    InvertedFragments<G> fragments[kCount] = {};
    if (whole) convolve_pair<1>(from, filter, fragments);
    convolve_pair<0>(from, filter, fragments);
    project(fragments, sums);
  }

 private:
  static_assert(!G::kSplit || G::kWarps % 2 == 0, "a warp's units are all of one row");
  static constexpr int kUnitStep = G::kWarps * 256 / (G::kSplit ? 2 : 1);

  // The depthwise values of two neighbouring groups; the odd one comes first.
  template <int kPair, int kCount>
  __device__ __forceinline__ void convolve_pair(std::uint32_t from, std::uint32_t filter,
                                                InvertedFragments<G> (&fragments)[kCount]) const {
    convolve<kPair, true>(from, filter, fragments);
    convolve<kPair, false>(from, filter, fragments);
  }

  // What pixels of a group meet: of each column of taps the right operands of its rows.
  using Taps = std::uint32_t[2 * G::kRows];
  __device__ __forceinline__ void load_taps(Taps& taps, std::uint32_t filter, int group,
                                            int column) const {
    load_shared_words(taps, filter + (group * 3 + column) * 256 * G::kLineRows);
  }

  // A group's; what several units meet is read once.
  template <int kPair, bool kOdd, int kCount>
  __device__ __forceinline__ void convolve(std::uint32_t from, std::uint32_t filter,
                                           InvertedFragments<G> (&fragments)[kCount]) const {
    constexpr int kGroup = 2 * kPair + kOdd;
    int begins[4];
    Taps held[3];
    load_begins(begins, steps_, kPair, kOdd);
    if constexpr (kCount > 1)
#pragma unroll
      for (int column = 0; column < 3; ++column) load_taps(held[column], filter, kGroup, column);
    HiddenConstants constants;
    if constexpr (kCount > 1) constants.load(steps_, kPair, kOdd);
#pragma unroll
    for (int unit = 0; unit < kCount; ++unit) {
      const std::uint32_t plane = from + kGroup * p_.plane_bytes + unit * kUnitStep;
      int sums[G::kRows][4];
#pragma unroll
      for (int column = 0; column < 3; ++column) {
        if constexpr (kCount == 1) load_taps(held[column], filter, kGroup, column);
        multiply(plane, held[column], column, begins, sums);
      }
      if constexpr (kCount == 1) constants.load(steps_, kPair, kOdd);
#pragma unroll
      for (int row = 0; row < G::kRows; ++row)
#pragma unroll
        for (int half = 0; half < 2; ++half) {
          const int* const of = sums[row] + 2 * half;
          std::uint32_t& word = fragments[unit][row][2 * kPair + half];
          word = finish_pair<G::kForm, kOdd>(p_.depthwise_factor, constants, of[0], of[1], word);
        }
    }
  }

  // Adds a column of taps; the first one begins.
  __device__ __forceinline__ void multiply(std::uint32_t plane, const Taps& taps, int column,
                                           const int (&begins)[4], int (&sums)[G::kRows][4]) const {
    std::uint32_t pixels[4];
    // With stride 2 the odd columns lie apart.
    const int place = G::kStride == 1 ? column : column % 2 * p_.column_plane + column / 2;
    load_matrix_x4(pixels, plane + place * 16);
#pragma unroll
    for (int row = 0; row < G::kRows; ++row) {
      const std::uint32_t first = taps[2 * row], second = taps[2 * row + 1];
      if (column == 0) mma_16x8x32_from(sums[row], begins, pixels, first, second);
      else mma_16x8x32<false>(sums[row], pixels, first, second);
    }
  }

  template <int kCount>
  __device__ __forceinline__ void project(const InvertedFragments<G> (&fragments)[kCount],
                                          int (*sums)[G::kRows][G::kN / 8][4]) const {
#pragma unroll
    for (int j = 0; j < G::kN / 8; ++j) {
      std::uint32_t filter[2];
      load_shared_words(filter, project_ + j * 256);
#pragma unroll
      for (int unit = 0; unit < kCount; ++unit)
#pragma unroll
        for (int row = 0; row < G::kRows; ++row)
          mma_16x8x32<false>(sums[unit][row][j], fragments[unit][row], filter[0], filter[1]);
    }
  }

  const InvertedParams& p_;
  std::uint32_t lane_, filter_, steps_, project_;
};

// What a chunk adds to the sums of this warp's units, of which the tile has `units`.
template <typename G>
__device__ __forceinline__ void reduce(const InvertedParams& p, const InvertedShared<G>& shared,
                                       const InvertedPiece<G>& piece, std::uint32_t hidden,
                                       InvertedSums<G>& sums, int units, bool whole) {
  constexpr int kAtOnce = G::kUnitsAtOnce;
  const Reducer<G> reducer(p, shared, piece, hidden);
#pragma unroll
  for (int i = 0; i < G::kUnits; i += kAtOnce) {
    const int unit = shared.warp + i * G::kWarps;
    if (kAtOnce == 2 && unit + G::kWarps < units)
      reducer.template run<kAtOnce>(unit, whole, &sums[i]);
    else if (unit < units) reducer.template run<1>(unit, whole, &sums[i]);
  }
}

}  // namespace octet::cuda
