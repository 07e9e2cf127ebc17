// The second and third step of the fused inverted residual block: the depthwise convolution of 32
// hidden channels and what they add to the output channels. See inverted.cuh.
#pragma once

#include "backends/cuda/conv/inverted/block.cuh"

namespace octet::cuda {

// The left operand of the projection: of each of a position's rows 32 channels of 16 positions.
template <typename G>
using InvertedFragments = std::uint32_t[G::kRows][4];

// A warp's way through units of a chunk. With stride 1 and one row a position, units 2i and 2i + 1
// are the two output rows of the same positions.
template <typename G>
class Reducer {
 public:
  __device__ __forceinline__ Reducer(const InvertedParams& p, const InvertedShared<G>& shared,
                                     const InvertedPiece<G>& piece, std::uint32_t hidden)
      : p_(p) {
    const int lane = shared.lane;
    lane_ = hidden + ((lane & 15) + (lane >> 4) * p.pitch) * 16;
    filter_ = piece.depthwise + lane * 8 * G::kLineRows;
    steps_ = piece.depthwise_steps + (lane & 3) * kInvertedConstants;
    project_ = piece.project + lane * 8;
  }

  // Adds the unit's part to `sums`. `whole`: the chunk has more than 16 channels.
  __device__ __forceinline__ void run(int unit, bool whole,
                                      int (&sums)[G::kRows][G::kN / 8][4]) const {
    const std::uint32_t from = lane_ + (G::kSplit ? (unit >> 1) : unit) * 256;
    const std::uint32_t filter = filter_ + (G::kSplit ? (unit & 1) * 8 : 0);
    InvertedFragments<G> fragments = {};
    convolve<0>(from, filter, fragments);
    if (whole) convolve<1>(from, filter, fragments);
    project(fragments, sums);
  }

 private:
  // The depthwise values of two neighbouring groups.
  template <int kPair>
  __device__ __forceinline__ void convolve(std::uint32_t from, std::uint32_t filter,
                                           InvertedFragments<G>& fragments) const {
    const std::uint32_t at = steps_ + kPair * 4 * kInvertedConstants;
    const HiddenBegins begins(at);
    const HiddenConstants constants(at);
    convolve<kPair, 1>(from, filter, begins, constants, fragments);
    convolve<kPair, 0>(from, filter, begins, constants, fragments);
  }

  // Those of one of them.
  template <int kPair, int kOdd>
  __device__ __forceinline__ void convolve(std::uint32_t from, std::uint32_t filter,
                                           const HiddenBegins& begins,
                                           const HiddenConstants& constants,
                                           InvertedFragments<G>& fragments) const {
    int sums[G::kRows][4];
    multiply(2 * kPair + kOdd, from, filter, begins, sums);
#pragma unroll
    for (int row = 0; row < G::kRows; ++row)
#pragma unroll
      for (int half = 0; half < 2; ++half) {
        std::uint32_t& word = fragments[row][2 * kPair + half];
        word = finish_pair<G::kForm, kOdd>(p_.depthwise_factor, constants, sums[row][2 * half],
                                           sums[row][2 * half + 1], word);
      }
  }

  __device__ __forceinline__ void multiply(int group, std::uint32_t from, std::uint32_t filter,
                                           const HiddenBegins& begins,
                                           int (&sums)[G::kRows][4]) const {
    const std::uint32_t plane = from + group * p_.plane_bytes;
#pragma unroll
    for (int column = 0; column < 3; ++column) {
      std::uint32_t pixels[4], taps[2 * G::kRows];
      // With stride 2 the odd columns lie apart.
      const int place = G::kStride == 1 ? column : column % 2 * p_.column_plane + column / 2;
      load_matrix_x4(pixels, plane + place * 16);
      load_shared_words(taps, filter + (group * 3 + column) * 256 * G::kLineRows);
#pragma unroll
      for (int row = 0; row < G::kRows; ++row) {
        if (column == 0)
          begins.multiply(group % 2, sums[row], pixels, taps[2 * row], taps[2 * row + 1]);
        else mma_16x8x32<false>(sums[row], pixels, taps[2 * row], taps[2 * row + 1]);
      }
    }
  }

  __device__ __forceinline__ void project(const InvertedFragments<G>& fragments,
                                          int (&sums)[G::kRows][G::kN / 8][4]) const {
#pragma unroll
    for (int j = 0; j < G::kN / 8; ++j) {
      std::uint32_t filter[2];
      load_shared_words(filter, project_ + j * 256);
#pragma unroll
      for (int row = 0; row < G::kRows; ++row)
        mma_16x8x32<false>(sums[row][j], fragments[row], filter[0], filter[1]);
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
  const Reducer<G> reducer(p, shared, piece, hidden);
#pragma unroll
  for (int i = 0; i < G::kUnits; ++i) {
    const int unit = shared.warp + i * G::kWarps;
    if (unit < units) reducer.run(unit, whole, sums[i]);
  }
}

}  // namespace octet::cuda
