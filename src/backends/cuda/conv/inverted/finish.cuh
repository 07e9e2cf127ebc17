// How the sums of an inverted residual block's output channels become bytes.
#pragma once

#include "backends/cuda/common/ptx_hopper.cuh"
#include "backends/cuda/conv/wgmma/epilogue.cuh"
#include "backends/cuda/conv/wgmma/pipeline.cuh"

namespace octet::cuda {

// The epilogue's form, as finish4() takes it.
template <WgmmaZ Z>
struct InvertedForm {
  static constexpr WgmmaRule kRule = WgmmaRule::scaled_bias;
  static constexpr WgmmaZ kZ = Z;
  static constexpr bool kPlain = true;
};

// The first channel of the pixels that a thread has sums of, counted from a tile's first byte; -1
// where there is no such pixel. A position is kRows output pixels, one above the other; a thread
// has two positions, 8 apart.
template <int kRows>
using PositionPixels = int[2][kRows];

// Gives use(channel, pixels, sums) runs of four channels of a thread's pixels, from the sums of a
// warp's 16 positions in products of 8 columns, their fragments as mma_16x8x32() has them, from
// output channel `first` on. A pair of products is four channels of each pixel of a thread. Of a
// last one without a partner a thread has two; neighbours exchange, so that each has four of one
// pixel.
template <int kRows, int kTiles, typename Use>
__device__ __forceinline__ void split_unit(int first, const PositionPixels<kRows>& pixels,
                                           const int (&sums)[kRows][kTiles][4], const Use& use) {
  const int quarter = static_cast<int>(threadIdx.x) & 3;
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
    use(first + 8 * j + 4 * quarter, of, four);
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
    use(first + 8 * (kTiles - 1) + (quarter >> 1) * 4, of, four);
  }
}

}  // namespace octet::cuda
