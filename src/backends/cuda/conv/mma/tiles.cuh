// The compiled tiles: one row per tile, the same for every loader. A row here is a kernel that is
// built, listed, tested and timed.
#pragma once

#include "backends/cuda/conv/mma/implicit_gemm.cuh"

namespace octet::cuda {

template <Loader L, bool Unsigned>
ImplicitGemmVariants compiled_tiles() {
  //                                                M    N  warps  stages             split
  static constexpr ImplicitGemmVariant kRows[] = {
      implicit_gemm_variant<ImplicitGemm<128, 128, 2, 2, 4, L, Unsigned>>(),
      implicit_gemm_variant<ImplicitGemm<256, 64, 4, 1, 4, L, Unsigned>>(),
      implicit_gemm_variant<ImplicitGemm<128, 64, 2, 2, 4, L, Unsigned>>(),
      implicit_gemm_variant<ImplicitGemm<64, 64, 2, 2, 4, L, Unsigned>>(),
      implicit_gemm_variant<ImplicitGemm<64, 64, 2, 2, 4, L, Unsigned, 4>>(),
      implicit_gemm_variant<ImplicitGemm<64, 64, 2, 2, 4, L, Unsigned, 12>>(),
  };
  static_assert(sizeof(kRows) / sizeof(kRows[0]) == kGemmTiles);
  return {kRows, static_cast<int>(kGemmTiles)};
}

}  // namespace octet::cuda
