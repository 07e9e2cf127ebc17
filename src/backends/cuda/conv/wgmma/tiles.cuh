// The compiled tiles of one epilogue.
#pragma once

#include "backends/cuda/conv/wgmma/split.cuh"
#include "backends/cuda/conv/wgmma/tiles.hpp"

namespace octet::cuda {

template <std::size_t kTile, WgmmaRule Rule, WgmmaZ Z, bool Unsigned, bool Plain>
using TileConv = GemmConv<kWgmmaTiles[kTile].m / kWgmmaTiles[kTile].groups / 64,
                          kWgmmaTiles[kTile].groups, kWgmmaTiles[kTile].teams, kWgmmaTiles[kTile].n,
                          kWgmmaTiles[kTile].k, Rule, Z, Unsigned, Plain>;

template <std::size_t kTile, WgmmaRule Rule, WgmmaZ Z, bool Unsigned, bool Plain>
constexpr WgmmaConvLaunch gemm_launch() {
  using G = TileConv<kTile, Rule, Z, Unsigned, Plain>;
  constexpr int kSplit = kWgmmaTiles[kTile].split;
  if constexpr (kSplit > 0) return launch_split_conv<G, kSplit>;
  else return launch_gemm_conv<G>;
}

template <WgmmaRule Rule, WgmmaZ Z, bool Unsigned, bool Plain, std::size_t... kTile>
constexpr WgmmaTileLaunches gemm_launches(std::index_sequence<kTile...>) {
  return {gemm_launch<kTile, Rule, Z, Unsigned, Plain>()...};
}

template <WgmmaRule Rule, WgmmaZ Z, bool Unsigned, bool Plain>
WgmmaTileLaunches gemm_tiles() {
  return gemm_launches<Rule, Z, Unsigned, Plain>(std::make_index_sequence<kWgmmaTiles.size()>{});
}

}  // namespace octet::cuda
