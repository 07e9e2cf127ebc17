// The compiled tiles of one epilogue.
#pragma once

#include <utility>

#include "backends/cuda/conv/siblings/siblings.cuh"
#include "backends/cuda/conv/siblings/tiles.hpp"

namespace octet::cuda {

template <std::size_t kTile, WgmmaRule Rule, bool Unsigned, bool Plain>
constexpr SiblingsLaunch siblings_launch() {
  constexpr WgmmaTile kShape = kSiblingsTiles[kTile];
  return launch_siblings_conv<GemmConv<kShape.m / kShape.groups / 64, kShape.groups, kShape.teams,
                                       kShape.n, kShape.k, Rule, WgmmaZ::none, Unsigned, Plain>,
                              kShape.split>;
}

template <WgmmaRule Rule, bool Unsigned, bool Plain>
SiblingsLaunches siblings_tiles() {
  return []<std::size_t... kTile>(std::index_sequence<kTile...>) {
    return SiblingsLaunches{siblings_launch<kTile, Rule, Unsigned, Plain>()...};
  }
  (std::make_index_sequence<kSiblingsTiles.size()>{});
}

}  // namespace octet::cuda
