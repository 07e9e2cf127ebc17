// The first step of the inverted residual block on Hopper: the input pixels of a tile, and from
// them a chunk of hidden channels. See inverted_wgmma.cuh.
#pragma once

#include "backends/cuda/common/ptx_transpose.cuh"
#include "backends/cuda/common/ptx_wgmma.cuh"
#include "backends/cuda/conv/inverted_wgmma/block.cuh"

namespace octet::cuda {

// Of a strip, lane 8 * k + j of stmatrix gives the address of row j of matrix k: of column
// j / 2 + j % 2 * 4 of the strip's half k / 2, in plane k % 2.
template <typename G>
__device__ __forceinline__ void fill_places(const InvertedWgmmaParams& p,
                                            const InvertedWgmmaShared<G>& shared,
                                            const InvertedWgmmaTile<G>& tile) {
  constexpr int kOdd = G::kStride - 1;
  for (int i = static_cast<int>(threadIdx.x); i < p.strips * kStrip; i += G::kThreads) {
    const int j = i & 7, column = (i & ~7) + (j >> 1) + (j & 1) * 4;
    const int line = divide(column, p.row), padded = column - line * p.w + 1;
    const int place =
        (line + tile.skipped) * p.pitch + (padded & kOdd) * p.column_plane + (padded >> kOdd);
    store_shared_2(shared.table(p) + 2 * i, column < tile.columns(p) ? 16 * place : p.spare);
  }
}

// Zeros outside of the image, whatever the bias is: those places are written here and never again.
template <typename G>
__device__ __forceinline__ void clear_hidden(const InvertedWgmmaParams& p,
                                             const InvertedWgmmaShared<G>& shared) {
  const int bytes = 2 * G::kShape.planes() * p.plane_bytes;
  for (int i = static_cast<int>(threadIdx.x) * 16; i < bytes; i += G::kThreads * 16)
    store_shared_words(shared.base + p.hidden_at + i, {0, 0, 0, 0});
}

// Starts the pixels of a tile on their way, a few threads for each. The two rows of a column are
// neighbours here; each 16 channels are a plane. What is beyond the channels meets zeros of the
// filter, so that any bytes will do.
template <typename G>
__device__ __forceinline__ void fetch_input(const InvertedWgmmaParams& p,
                                            const InvertedWgmmaShared<G>& shared,
                                            const InvertedWgmmaTile<G>& tile) {
  constexpr int kShare = 4;  // threads
  const int tid = static_cast<int>(threadIdx.x);
  const int pixels = min(2 * tile.hidden_lines, p.h - 2 * tile.hidden_first) * p.w;
  const std::int8_t* const from =
      p.x + static_cast<long long>(tile.image * p.h + 2 * tile.hidden_first) * p.w * p.channels;
  for (int pixel = tid / kShare; pixel < pixels; pixel += G::kThreads / kShare) {
    const int row = divide(pixel, p.row), column = pixel - row * p.w;
    const std::uint32_t to = shared.input(p) + (2 * ((row >> 1) * p.w + column) + (row & 1)) * 16;
    for (int plane = tid % kShare; plane < p.channels / 16; plane += kShare)
      copy_async<16>(to + plane * p.input_plane_bytes, from + pixel * p.channels + plane * 16);
  }
  commit_copies();
}

// A warpgroup's share of a chunk: a slab of channels, some of the strips. A product has the
// channels in its rows and both rows of its strips' columns side by side:
//
//   d[16 * strip + 4 * j + 2 * half + e]   channel g + 8 * half, row e of column 4 * j + q
//
// so that a thread has four bytes of a channel, two columns with both rows, for each word that
// stmatrix turns into 16 bytes of 8 channels.
template <typename G>
class SlabExpander {
 public:
  using Sums = int[G::kExpanded / 2];

  __device__ __forceinline__ SlabExpander(const InvertedWgmmaParams& p,
                                          const InvertedWgmmaShared<G>& shared)
      : p_(p), shared_(shared) {
    constexpr int kParts = kBlockWarpgroups / G::kSlabs;
    slab_ = shared.group % G::kSlabs;
    const int part = shared.group / G::kSlabs;
    strip_ = p.strips * part / kParts;
    end_ = p.strips * (part + 1) / kParts;
    if constexpr (G::kShape.odd_rows())
      half_column_ = InvertedWgmmaTile<G>(p).first_half_column(p) - (shared.lane & 3);
  }

  // Starts a product.
  __device__ __forceinline__ void multiply(Sums& sums, int chunk, int product) const {
    const int strip = strip_ + product * G::kStrips;
    const std::uint32_t filter = shared_.expand(p_, chunk) + slab_ * p_.k_steps * (32 * kSlab);
    const std::uint64_t left = unswizzled_descriptor(filter, 16 * kSlab, 128);
    const std::uint64_t right = unswizzled_descriptor(shared_.input(p_) + strip * (2 * kStrip * 16),
                                                      p_.input_plane_bytes, 128);
    int k = 0;
#pragma unroll 1
    do {
      wgmma_fence();
      Wgmma<G::kExpanded, false>::run(sums, descriptor_after(left, k * (32 * kSlab)),
                                      descriptor_after(right, k * 2 * p_.input_plane_bytes), k > 0);
    } while (++k < p_.k_steps);
    wgmma_commit();
  }

  // Its bytes to the chunk's hidden tile.
  __device__ __forceinline__ void store(const Sums& sums, int chunk, int product) const {
    const int first = strip_ + product * G::kStrips;
    const int row = slab_ * kSlab + shared_.warp * 16 + (shared_.lane >> 2);
    const std::uint32_t constants =
        shared_.expand(p_, chunk) + G::kSlabs * p_.k_steps * (32 * kSlab) + row * 16;
    Channel channels[2];
#pragma unroll
    for (int half = 0; half < 2; ++half) channels[half] = Channel(constants + half * 128);
    const int plane = slab_ * (kSlab / 8) + shared_.warp * 2 + (shared_.lane >> 3 & 1);
    const std::uint32_t to = shared_.hidden(p_, chunk) + plane * p_.plane_bytes;
    const std::uint32_t table =
        shared_.table(p_) + ((shared_.lane >> 4) * 8 + (shared_.lane & 7)) * 2;
#pragma unroll
    for (int i = 0; i < G::kStrips; ++i) {
      if (first + i >= end_) break;
      std::uint32_t words[4];
#pragma unroll
      for (int word = 0; word < 4; ++word) {
        const int* const of = sums + 16 * i + 8 * (word >> 1) + 2 * (word & 1);
        words[word] = channels[word & 1].finish(p_.expand_factor, of[0], of[1], of[4], of[5]);
        if constexpr (G::kShape.odd_rows())
          words[word] &= inside((first + i) * kStrip + 8 * (word >> 1));
      }
      store_matrix_trans_x4(to + load_shared_2(table + (first + i) * kStrip * 2), words);
    }
  }

 private:
  // What a channel's sums meet.
  struct Channel {
    int begin;
    HiddenConstants constants;

    Channel() = default;
    __device__ __forceinline__ explicit Channel(std::uint32_t from) {
      std::uint32_t words[4];
      load_shared_words(words, from);
      begin = static_cast<int>(words[0]);
      constants = {{words[1], words[1], words[2], words[2]}};
    }
    __device__ __forceinline__ std::uint32_t finish(float factor, int a, int b, int c,
                                                    int d) const {
      const std::uint32_t others =
          finish_pair<G::kForm, true>(factor, constants, c + begin, d + begin, 0);
      return finish_pair<G::kForm, false>(factor, constants, a + begin, b + begin, others);
    }
  };

  // Keeps the bytes of rows inside of the image, of this lane's columns of the eight from `column`
  // on.
  __device__ __forceinline__ std::uint32_t inside(int column) const {
    return (column >= half_column_ ? 0x00FFu : 0xFFFFu) |
           (column + 4 >= half_column_ ? 0x00FF0000u : 0xFFFF0000u);
  }

  const InvertedWgmmaParams& p_;
  const InvertedWgmmaShared<G>& shared_;
  int slab_, strip_, end_, half_column_;
};

}  // namespace octet::cuda
