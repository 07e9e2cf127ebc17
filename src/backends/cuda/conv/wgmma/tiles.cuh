// The compiled tiles of one epilogue: a row here is a kernel that is built, listed, tested and
// timed.
#pragma once

#include "backends/cuda/conv/wgmma/im2col.cuh"

namespace octet::cuda {

template <WgmmaRule Rule, WgmmaZ Z, bool Unsigned, bool Plain>
WgmmaConvLaunch im2col_tile(const WgmmaTile& tile) {
  const auto is = [&](int m, int n, int k) { return tile.m == m && tile.n == n && tile.k == k; };
  if (is(128, 128, 128))
    return launch_im2col_conv<Im2colConv<128, 128, 128, Rule, Z, Unsigned, Plain>>;
  if (is(128, 64, 128))
    return launch_im2col_conv<Im2colConv<128, 64, 128, Rule, Z, Unsigned, Plain>>;
  if (is(128, 128, 64))
    return launch_im2col_conv<Im2colConv<128, 128, 64, Rule, Z, Unsigned, Plain>>;
  if (is(128, 64, 64)) return launch_im2col_conv<Im2colConv<128, 64, 64, Rule, Z, Unsigned, Plain>>;
  return nullptr;
}

}  // namespace octet::cuda
