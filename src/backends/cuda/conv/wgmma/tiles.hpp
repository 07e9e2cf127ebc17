// The tiles that every epilogue is compiled for: an entry here is a row that is listed, tested and
// timed.
#pragma once

#include <array>
#include <string>

#include "backends/cuda/conv/wgmma/params.hpp"

namespace octet::cuda {

inline constexpr std::array<WgmmaTile, 17> kWgmmaTiles{{
    {128, 128, 128, 1, 2},  // the common one: two tiles in turns
    {192, 128, 128, 3, 1},  // deep sums of small maps: one tile an SM, less traffic
    {64, 128, 128, 1, 4},   // shallow sums: more warps for the epilogue
    {128, 64, 128, 1, 2},
    {64, 128, 64, 1, 4},  // and the same for 64 input channels
    {128, 128, 64, 1, 2},
    {128, 64, 64, 1, 2},
    {128, 32, 64, 1, 4},  // few output channels: no epilogue for channels that are not there
    {128, 16, 64, 1, 4},
    {64, 64, 128, 1, 1, 8},  // few pixels
    {64, 64, 128, 1, 1, 4},
    {64, 64, 64, 1, 1, 4},
    {64, 32, 128, 1, 1, 4},
    {64, 32, 128, 1, 1, 2},
    {64, 64, 128, 1, 1, 1},  // the same with short sums
    {64, 32, 128, 1, 1, 1},
    {64, 64, 64, 1, 1, 1},
}};

// As it stands in the row's name: "128x64x128", "64x64x128_split8".
inline std::string wgmma_tile_name(const WgmmaTile& tile) {
  return std::to_string(tile.m) + "x" + std::to_string(tile.n) + "x" + std::to_string(tile.k) +
         (tile.split > 0 ? "_split" + std::to_string(tile.split) : "");
}

using WgmmaTileLaunches = std::array<WgmmaConvLaunch, kWgmmaTiles.size()>;

// Defined by the gemm_*.cu files, one instance each.
template <WgmmaRule Rule, WgmmaZ Z, bool Unsigned, bool Plain>
WgmmaTileLaunches gemm_tiles();

// The compiled kernels of an epilogue, in the order of kWgmmaTiles; nullptrs where it is not built.
WgmmaTileLaunches wgmma_launches(const WgmmaForm& form);

}  // namespace octet::cuda
