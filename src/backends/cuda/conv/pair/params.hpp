// The numbers of the kernel of two 1x1 convolutions in a row.
#pragma once

#include <array>
#include <string>

#include "backends/cuda/conv/wgmma/params.hpp"

namespace octet::cuda {

// Tiles of 64 * groups pixels: y is made by turns of `turn` channels, r has `channels` at most, and
// the first sum is `blocks` times `depth` bytes of K. `resident`: both filters stay in shared
// memory, else they come anew for each tile.
struct PairTile {
  int turn, channels, depth, blocks, groups;
  bool resident;
};

// An entry here is a row that is listed, tested and timed.
inline constexpr std::array<PairTile, 4> kPairTiles{{
    {128, 64, 64, 1, 3, true},     // 64 -> 256 -> 64
    {64, 128, 128, 1, 3, true},    // 128 -> 512 -> 128; fewer channels a turn, so that sums fit
    {128, 256, 128, 1, 2, false},  // 128 -> 512 -> 256
    {128, 256, 128, 2, 2, false},  // 256 -> 1024 -> 256
}};

// As it stands in the row's name: pixels, channels of x, of a turn of y, of r.
inline std::string pair_tile_name(const PairTile& tile) {
  return std::to_string(64 * tile.groups) + "x" + std::to_string(tile.depth * tile.blocks) + "x" +
         std::to_string(tile.turn) + "x" + std::to_string(tile.channels);
}

// Of r a tile is written by as many channels as of y, or by all it has.
constexpr int pair_out_channels(const PairTile& tile) {
  return tile.turn < tile.channels ? tile.turn : tile.channels;
}
// The second product takes so many of r's channels at a time.
constexpr int pair_product_channels(const PairTile& tile) {
  return tile.channels < 128 ? tile.channels : 128;
}
// Both filters come in parts of the same size.
constexpr int pair_part_bytes(const PairTile& tile) { return tile.turn * tile.depth; }
static_assert([] {
  for (const PairTile& tile : kPairTiles)
    if (tile.turn * pair_product_channels(tile) != pair_part_bytes(tile)) return false;
  return true;
}());

struct PairParams {
  WgmmaConvParams first, second;  // how y and r are finished, and their constants
  const std::int8_t* filter;      // parts of both filters in the order of their use: see plan.hpp
  int tiles, turns;               // of pixels; of y
  int parts;                      // of both filters
  int stages, slots, buffers;     // of parts; of z and y, and of x, for each warpgroup
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
