// How the sums of an inverted residual block's hidden layers become bytes.
#pragma once

#include "backends/cuda/common/ptx_halves.cuh"
#include "backends/cuda/common/ptx_hopper.cuh"
#include "backends/cuda/common/ptx_mma.cuh"
#include "backends/cuda/conv/inverted/params.hpp"
#include "backends/cuda/conv/wgmma/epilogue.cuh"

namespace octet::cuda {

// What two channels' sums begin from.
struct HiddenBegins {
  std::uint32_t words[2];

  // `product`: of the four of a chunk.
  __device__ __forceinline__ void load(std::uint32_t constants, int product, int quarter) {
    load_shared_words(words, constants + product * kInvertedConstants + quarter * 8);
  }
  // The sums of two rows after their first product.
  __device__ __forceinline__ void multiply(int (&sums)[4], const std::uint32_t (&left)[4],
                                           std::uint32_t right0, std::uint32_t right1) const {
    const int first = static_cast<int>(words[0]), second = static_cast<int>(words[1]);
    mma_16x8x32_from(sums, {first, second, first, second}, left, right0, right1);
  }
};

// What the sums of two channels meet on the way to bytes.
struct HiddenConstants {
  std::uint32_t words[4];

  __device__ __forceinline__ void load(std::uint32_t constants, int product, int quarter) {
    load_shared_words(words, constants + product * kInvertedConstants + 32 + quarter * 16);
  }
};

// The values of two channels of a position: the first two of four, or the others. These come first;
// what they gave is brought as `others`, and both together are a word.
template <HiddenForm kForm, bool kOdd>
__device__ __forceinline__ std::uint32_t finish_pair(float factor, const HiddenConstants& constants,
                                                     int first, int second, std::uint32_t others) {
  const auto finish = [&](int sum, int i) {
    const float m = __uint_as_float(constants.words[i]);
    const float b = __uint_as_float(constants.words[2 + i]);
    if constexpr (kForm == HiddenForm::bits)
      return __float_as_int(fma_saturated(__int_as_float(sum), m, b));
    else return round_relu(__fadd_rn(__fmul_rn(static_cast<float>(sum), m), b), factor);
  };
  const int y[2] = {finish(first, 0), finish(second, 1)};
  if constexpr (kForm == HiddenForm::canonical) return pack_saturated_2(y[0], y[1], others);
  const std::uint32_t halves = pack_saturated_halves(y[0], y[1]);
  return kOdd ? halves : __byte_perm(halves, others, 0x7531);
}

// The values of four channels of a position, from the sums of a pair of products of 8 columns.
template <HiddenForm kForm>
__device__ __forceinline__ std::uint32_t finish_four(float factor,
                                                     const HiddenConstants (&constants)[2],
                                                     const int* even, const int* odd) {
  const std::uint32_t others = finish_pair<kForm, true>(factor, constants[1], odd[0], odd[1], 0);
  return finish_pair<kForm, false>(factor, constants[0], even[0], even[1], others);
}

}  // namespace octet::cuda
