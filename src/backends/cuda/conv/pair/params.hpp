// The numbers of the kernel of two 1x1 convolutions in a row.
#pragma once

#include <array>
#include <string>

#include "backends/cuda/conv/wgmma/params.hpp"

namespace octet::cuda {

// Tiles of 64 * groups pixels: y is made by turns of `turn` channels, x has `depth` channels at
// most and r `channels`. A block brings both filters before it has anything to do, so a pair is
// worth it from `least_pixels` of a multiprocessor on (measured on one H200).
struct PairTile {
  int turn, channels, depth, groups, least_pixels;
};

// An entry here is a row that is listed, tested and timed.
inline constexpr std::array<PairTile, 3> kPairTiles{{
    {128, 64, 64, 3, 64},    // 64 -> 256 -> 64
    {64, 128, 64, 3, 64},    // 64 -> 256 -> 128; fewer channels a turn, so that the sums fit
    {64, 128, 128, 3, 192},  // 128 -> 512 -> 128
}};

// As it stands in the row's name: pixels, channels of x, of a turn of y, of r.
inline std::string pair_tile_name(const PairTile& tile) {
  return std::to_string(64 * tile.groups) + "x" + std::to_string(tile.depth) + "x" +
         std::to_string(tile.turn) + "x" + std::to_string(tile.channels);
}

// Of r a tile is written by as many channels as of y, or by all it has.
constexpr int pair_out_channels(const PairTile& tile) {
  return tile.turn < tile.channels ? tile.turn : tile.channels;
}
// What a turn takes of the first filter and of the second.
constexpr int pair_first_bytes(const PairTile& tile) { return tile.turn * tile.depth; }
constexpr int pair_second_bytes(const PairTile& tile) { return tile.channels * tile.turn; }

struct PairParams {
  WgmmaConvParams first, second;  // how y and r are finished, and their constants
  const std::int8_t* filter;      // all parts of the first, all of the second: see plan.hpp
  int tiles, turns;               // of pixels; of y
  int slots, buffers;             // of z and y, and of x, for each warpgroup
  int shared_bytes;
};

struct PairMaps {
  CUtensorMap x, z, y, r;
};

using PairLaunch = void (*)(const PairMaps& maps, const PairParams& params, int multiprocessors,
                            cudaStream_t stream);

// The compiled kernel of kPairTiles[tile], with or without z.
PairLaunch pair_launch(int tile, bool has_z);

}  // namespace octet::cuda
