// The numbers of two convolutions that one launch runs.
#pragma once

#include "backends/cuda/conv/wgmma/params.hpp"

namespace octet::cuda {

struct SiblingsMaps {
  WgmmaConvMaps conv[2];
};

// conv[0] is the one with at least as many tiles. Filters and constants of both lie one behind the
// other, those of conv[0] first; what is one for the whole block (stages, memory, the constants of
// all `n_tiles`) is in `both`.
struct SiblingsParams {
  WgmmaConvParams conv[2];
  WgmmaConvParams both;
  int tiles[2];
  int run;             // tiles of conv[0] for each of conv[1]
  int first_n[2];      // the first tile of channels in the constants
  int first_block[2];  // the first block of the packed filter
  int blocks;          // of both packed filters
};

// Tile number `t` of both as they lie in memory: `run` tiles of conv[0], one of conv[1], and so on;
// behind the last of conv[1] come those that conv[0] has left.
struct SiblingsPlace {
  int conv, index;
};
constexpr SiblingsPlace siblings_place(const SiblingsParams& p, int t) {
  const int group = t / (p.run + 1), place = t - group * (p.run + 1);
  if (group >= p.tiles[1]) return {0, t - p.tiles[1]};
  return place == p.run ? SiblingsPlace{1, group} : SiblingsPlace{0, t - group};
}

using SiblingsLaunch = void (*)(const SiblingsMaps& maps, const SiblingsParams& params,
                                int multiprocessors, cudaStream_t stream);

}  // namespace octet::cuda
