// The compiled tiles of one epilogue.
#pragma once

#include "backends/cuda/conv/wgmma/gemm.cuh"
#include "backends/cuda/conv/wgmma/tiles.hpp"

namespace octet::cuda {

template <std::size_t kTile, WgmmaRule Rule, WgmmaZ Z, bool Unsigned, bool Plain>
using TileConv = GemmConv<kWgmmaTiles[kTile].m / kWgmmaTiles[kTile].groups / 64,
                          kWgmmaTiles[kTile].groups, kWgmmaTiles[kTile].teams, kWgmmaTiles[kTile].n,
                          kWgmmaTiles[kTile].k, Rule, Z, Unsigned, Plain>;

template <WgmmaRule Rule, WgmmaZ Z, bool Unsigned, bool Plain, std::size_t... kTile>
constexpr WgmmaTileLaunches gemm_launches(std::index_sequence<kTile...>) {
  return {launch_gemm_conv<TileConv<kTile, Rule, Z, Unsigned, Plain>>...};
}

template <WgmmaRule Rule, WgmmaZ Z, bool Unsigned, bool Plain>
WgmmaTileLaunches gemm_tiles() {
  return gemm_launches<Rule, Z, Unsigned, Plain>(std::make_index_sequence<kWgmmaTiles.size()>{});
}

}  // namespace octet::cuda
