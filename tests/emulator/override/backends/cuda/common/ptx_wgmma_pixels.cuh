// Emulated products with the pixels on the right; see the header of the same name under src.
#pragma once

#include "backends/cuda/common/ptx_wgmma.cuh"

namespace octet::cuda {

// The right one may be unsigned.
template <int N, bool Unsigned>
struct WgmmaPixels {
  static void run(int (&d)[N / 2], std::uint64_t a, std::uint64_t b, int accumulate) {
    using B = std::conditional_t<Unsigned, std::uint8_t, std::int8_t>;
    emulate_wgmma<N, std::int8_t, B>(d, emulated_rows(a), b, accumulate);
  }
};

}  // namespace octet::cuda
