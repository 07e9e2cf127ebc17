// The compiled tiles, with or without z.
#pragma once

#include "backends/cuda/conv/pair/pair.cuh"

namespace octet::cuda {

template <int kTile, WgmmaZ kZ>
constexpr PairLaunch pair_instance() {
  return launch_pair<Pair<kTile, kZ>>;
}

template <WgmmaZ kZ>
PairLaunch pair_of(int tile) {
  constexpr PairLaunch kLaunches[] = {pair_instance<0, kZ>(), pair_instance<1, kZ>(),
                                      pair_instance<2, kZ>()};
  return kLaunches[tile];
}

}  // namespace octet::cuda
