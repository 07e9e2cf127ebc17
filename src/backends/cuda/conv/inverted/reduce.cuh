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
    filter_ = piece.depthwise + (lane >> 2) * 16;
    steps_ = piece.depthwise_steps;
    quarter_ = (lane & 3);
    project_ = piece.project + lane * 8;
#pragma unroll
    for (int row = 0; row < G::kRows; ++row) choose_taps(lane, row, shared.warp);
  }

  // Adds the units' parts to `sums`. `whole`: the chunk has more than 16 channels.
  template <int kCount>
  __device__ __forceinline__ void run(int unit, bool whole,
                                      int (*sums)[G::kRows][G::kN / 8][4]) const {
    run_from<kCount>(lane_ + (G::kSplit ? (unit >> 1) : unit) * 256, whole, sums);
  }
  // The same, of which this lane reads matrix rows `from` on: lanes 0 to 15 those of a line's 16
  // positions, the others those of the next line's.
  template <int kCount>
  __device__ __forceinline__ void run_from(std::uint32_t from, bool whole,
                                           int (*sums)[G::kRows][G::kN / 8][4]) const {
    InvertedFragments<G> fragments[kCount] = {};
    if (whole) convolve_pair<1>(from, fragments);
    convolve_pair<0>(from, fragments);
    project(fragments, sums);
  }

 private:
  static_assert(!G::kSplit || G::kWarps % 2 == 0, "a warp's units are all of one row");
  static constexpr int kUnitStep = G::kWarps * 256 / (G::kSplit ? 2 : 1);

  // Which of a channel's taps are this thread's part of the right operands. A column's taps are
  // bytes
  // 0 to 2 of a word, byte 3 is zero. Words of K are four channels of a row of pixels, rows 0 and
  // 1, then 2 and 3; the taps of output row `row` begin there. Odd groups have rows the other way
  // around.
  __device__ __forceinline__ void choose_taps(int lane, int row, int warp) {
    const int channel = lane >> 2, of_row = G::kSplit ? (warp & 1) : row;
    const bool has_channel = (channel >> 2) == (lane & 1);
    const int shift = (channel & 3) * 4;
#pragma unroll
    for (int word = 0; word < 2; ++word) {
      const int tap = 2 * word + ((lane >> 1) & 1) - of_row;
      selectors_[row][word] = 0x3333 ^ (has_channel && tap >= 0 ? (tap ^ 3) << shift : 0);
    }
    flips_[row] = has_channel ? (2 * of_row + 1) << shift : 0;
  }

  // The depthwise values of two neighbouring groups; the odd one comes first.
  template <int kPair, int kCount>
  __device__ __forceinline__ void convolve_pair(std::uint32_t from,
                                                InvertedFragments<G> (&fragments)[kCount]) const {
    convolve<kPair, true>(from, fragments);
    convolve<kPair, false>(from, fragments);
  }

  // A group's.
  template <int kPair, bool kOdd, int kCount>
  __device__ __forceinline__ void convolve(std::uint32_t from,
                                           InvertedFragments<G> (&fragments)[kCount]) const {
    constexpr int kGroup = 2 * kPair + kOdd;
    int sums[kCount][G::kRows][4];
    multiply<kGroup>(from + kGroup * p_.plane_bytes, sums);
    HiddenConstants constants;
    constants.load(steps_, kGroup, quarter_);
#pragma unroll
    for (int unit = 0; unit < kCount; ++unit)
#pragma unroll
      for (int row = 0; row < G::kRows; ++row)
#pragma unroll
        for (int half = 0; half < 2; ++half) {
          const int* const of = sums[unit][row] + 2 * half;
          std::uint32_t& word = fragments[unit][row][2 * kPair + half];
          word = finish_pair<G::kForm, kOdd>(p_.depthwise_factor, constants, of[0], of[1], word);
        }
  }

  template <int kGroup, int kCount>
  __device__ __forceinline__ void multiply(std::uint32_t plane,
                                           int (&sums)[kCount][G::kRows][4]) const {
    std::uint32_t columns[4];
    HiddenBegins begins;
    load_shared_words(columns, filter_ + kGroup * kInvertedGroup * 16);
    begins.load(steps_, kGroup, quarter_);
#pragma unroll
    for (int column = 0; column < 3; ++column) {
      std::uint32_t pixels[kCount][4];
      // With stride 2 the odd columns lie apart.
      const int place = G::kStride == 1 ? column : column % 2 * p_.column_plane + column / 2;
#pragma unroll
      for (int unit = 0; unit < kCount; ++unit)
        load_matrix_x4(pixels[unit], plane + place * 16 + unit * kUnitStep);
#pragma unroll
      for (int row = 0; row < G::kRows; ++row) {
        const unsigned flip = kGroup % 2 == 1 ? flips_[row] : 0;
        const std::uint32_t taps[2] = {__byte_perm(columns[column], 0, selectors_[row][0] ^ flip),
                                       __byte_perm(columns[column], 0, selectors_[row][1] ^ flip)};
#pragma unroll
        for (int unit = 0; unit < kCount; ++unit) {
          int(&to)[4] = sums[unit][row];
          if (column == 0) begins.multiply(to, pixels[unit], taps[0], taps[1]);
          else mma_16x8x32<false>(to, pixels[unit], taps[0], taps[1]);
        }
      }
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
  int quarter_;  // of a group's columns, that this lane has sums of
  std::uint32_t lane_, filter_, steps_, project_;
  unsigned selectors_[G::kRows][2], flips_[G::kRows];
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
