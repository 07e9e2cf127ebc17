// The tiles that siblings are compiled for: an entry here is a row that is listed, tested and
// timed.
#pragma once

#include <array>

#include "backends/cuda/conv/siblings/params.hpp"

namespace octet::cuda {

inline constexpr std::array<WgmmaTile, 7> kSiblingsTiles{{
    {128, 128, 128, 1, 2},
    {192, 128, 128, 3, 1},
    {64, 128, 128, 1, 4},
    {128, 128, 64, 1, 2},
    {128, 64, 64, 1, 2},
    {64, 32, 128, 1, 1, 1},  // few pixels
    {64, 64, 128, 1, 1, 1},
}};

using SiblingsLaunches = std::array<SiblingsLaunch, kSiblingsTiles.size()>;

// Defined by the siblings_*.cu files, one instance each.
template <WgmmaRule Rule, bool Unsigned, bool Plain>
SiblingsLaunches siblings_tiles();

}  // namespace octet::cuda
