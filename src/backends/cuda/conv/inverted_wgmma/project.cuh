// The third step of the inverted residual block on Hopper: output channels, the residual, and the
// way of a tile to memory. See inverted_wgmma.cuh.
#pragma once

#include "backends/cuda/common/ptx_wgmma_columns.cuh"
#include "backends/cuda/conv/inverted/finish.cuh"
#include "backends/cuda/conv/inverted_wgmma/block.cuh"

namespace octet::cuda {

// A warpgroup's 64 positions, and its output channels of them.
template <typename G>
class Projector {
 public:
  __device__ __forceinline__ Projector(const InvertedWgmmaParams& p,
                                       const InvertedWgmmaShared<G>& shared)
      : p_(p), shared_(shared) {
    first_position_ = shared.group / G::kParts * 64;
    first_channel_ = shared.group % G::kParts * G::kN;
  }

  // Starts what a chunk adds.
  __device__ __forceinline__ void multiply(int chunk) {
    const std::uint64_t filter = unswizzled_descriptor(
        shared_.project(p_, chunk) + first_channel_ * 16, 16 * G::kShape.out_channels(), 128);
    wgmma_fence();
    const std::uint64_t left = unswizzled_descriptor(
        shared_.operand(p_, chunk) + first_position_ * 16, 16 * G::kPositions, 128);
#pragma unroll
    for (int k = 0; k < G::kShape.chunk() / 32; ++k)
      WgmmaColumns<G::kN>::run(sums_, descriptor_after(left, k * (32 * G::kPositions)),
                               descriptor_after(filter, k * (32 * G::kShape.out_channels())),
                               chunk > 0 || k > 0);
    wgmma_commit();
  }

  // Starts the residual on its way to where the tile is finished, once all hidden tiles are read.
  __device__ __forceinline__ void fetch_residual(const InvertedWgmmaTile<G>& tile) const {
    if (p_.z == nullptr) return;
    const std::int8_t* const from = p_.z + first_byte(tile);
    for (int i = static_cast<int>(threadIdx.x) * 16; i < bytes(tile); i += G::kThreads * 16)
      copy_async<16>(shared_.stage(p_) + i, from + i);
    commit_copies();
  }

  // The residual is there.
  __device__ __forceinline__ void write(const InvertedWgmmaTile<G>& tile) const {
    if (p_.z == nullptr) finish<WgmmaZ::none>(tile);
    else finish<WgmmaZ::twice>(tile);
    __syncthreads();
    // Whole rows of all columns are one run of memory.
    const auto* const stage =
        reinterpret_cast<const uint4*>(dynamic_shared_memory() + p_.hidden_at);
    auto* const y = reinterpret_cast<uint4*>(p_.y + first_byte(tile));
    for (int i = static_cast<int>(threadIdx.x); i < bytes(tile) / 16; i += G::kThreads)
      y[i] = stage[i];
  }

 private:
  // Of the tile's output.
  __device__ __forceinline__ long long first_byte(const InvertedWgmmaTile<G>& tile) const {
    return static_cast<long long>(tile.image * p_.oh + tile.first_row()) * p_.ow * p_.out_channels;
  }
  __device__ __forceinline__ int bytes(const InvertedWgmmaTile<G>& tile) const {
    return (tile.end_row(p_) - tile.first_row()) * p_.ow * p_.out_channels;
  }

  template <WgmmaZ kZ>
  __device__ __forceinline__ void finish(const InvertedWgmmaTile<G>& tile) const {
    finish_by_form<InvertedForm<kZ>>(p_.project, [&]<Finish kFinish>() {
      PositionPixels<1> pixels;
#pragma unroll
      for (int half = 0; half < 2; ++half)
        pixels[half][0] =
            pixel_of(tile, first_position_ + shared_.warp * 16 + (shared_.lane >> 2) + half * 8);
      split_unit(first_channel_, pixels, *reinterpret_cast<const int(*)[1][G::kN / 8][4]>(&sums_),
                 [&](int channel, const auto& of, const auto& four) {
                   finish_words<kZ, kFinish>(channel, of, four);
                 });
    });
  }

  // Four channels of kCount pixels, from sums to bytes of the tile, where the residual lies.
  template <WgmmaZ kZ, Finish kFinish, int kCount>
  __device__ __forceinline__ void finish_words(int channel, const int (&pixels)[kCount],
                                               const int (&sums)[kCount][4]) const {
    if (channel >= p_.out_channels) return;
    std::uint32_t words[4];
    load_shared_words(words, shared_.constants(p_) + channel * 4);
    const float m[4] = {__uint_as_float(words[0]), __uint_as_float(words[1]),
                        __uint_as_float(words[2]), __uint_as_float(words[3])};
    load_shared_words(words, shared_.constants(p_) + (G::kShape.out_channels() + channel) * 4);
    const int bias[4] = {static_cast<int>(words[0]), static_cast<int>(words[1]),
                         static_cast<int>(words[2]), static_cast<int>(words[3])};
#pragma unroll
    for (int i = 0; i < kCount; ++i) {
      if (pixels[i] < 0) continue;
      const std::uint32_t at = shared_.stage(p_) + pixels[i] + channel;
      const std::uint32_t z = kZ == WgmmaZ::none ? 0 : load_shared_4(at);
      store_shared_4(at, finish4<InvertedForm<kZ>, kFinish>(p_.project, sums[i], m, bias, z));
    }
  }

  // Where the first channel of a position's pixel lies in the tile; -1 where there is no pixel.
  // Positions are the 16 of a unit, once for each of its rows.
  __device__ __forceinline__ int pixel_of(const InvertedWgmmaTile<G>& tile, int position) const {
    const int unit = position / (16 * G::kRows), row_of_line = position / 16 % G::kRows;
    const int place = unit * 16 + position % 16, line = place / G::kColumns;
    const int column = place % G::kColumns;
    const int row = G::kStride == 1 ? 2 * (tile.first + line) - 1 + row_of_line : tile.first + line;
    const bool there_is =
        line < p_.lines && column < p_.ow && row >= tile.first_row() && row < tile.end_row(p_);
    return there_is ? ((row - tile.first_row()) * p_.ow + column) * p_.out_channels : -1;
  }

  const InvertedWgmmaParams& p_;
  const InvertedWgmmaShared<G>& shared_;
  int first_position_, first_channel_;
  int sums_[G::kN / 2];
};

}  // namespace octet::cuda
