// What the kernel of two 1x1 convolutions takes, its packed filters and its numbers, without a GPU.
#include "backends/cuda/conv/pair/plan.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "backends/cuda/conv/wgmma/plan.hpp"
#include "support/random_pair.hpp"

namespace octet::cuda {
namespace {

using testing::Case;
using testing::Random;

constexpr int kMultiprocessors = 6;

Problem problem_of(const Case& c) { return testing::lay_out(c, kNHWC, kNHWC).problem; }

testing::PairSize size_of_tile(const PairTile& tile) {
  return {tile.least_pixels * kMultiprocessors, tile.depth, tile.channels};
}

TEST(CudaPairPlan, TakesMostRandomPairsAndSaysWhyNotTheOthers) {
  for (const PairTile& tile : kPairTiles) {
    int taken = 0;
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
      Random random(seed);
      const Problem problem = problem_of(testing::random_pair(random, size_of_tile(tile)));
      const Verdict verdict = check_pair(problem, tile, kMultiprocessors);
      if (verdict) ++taken;
      else EXPECT_FALSE(verdict.reason().empty());
    }
    EXPECT_GT(taken, 20) << pair_tile_name(tile);
    EXPECT_LT(taken, 40) << pair_tile_name(tile);
  }
}

TEST(CudaPairPlan, RefusesFewPixels) {
  Random random(1);
  const Case c = testing::random_pair(random, size_of_tile(kPairTiles[0]));
  EXPECT_EQ(check_pair(problem_of(c), kPairTiles[0], 10000).reason(),
            "there are too few pixels to be worth bringing both filters");
}

// What a block needs lies within its memory, with z at least two turns ahead.
TEST(CudaPairPlan, SharesMemoryOut) {
  for (const PairTile& tile : kPairTiles)
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
      Random random(seed);
      const Problem problem = problem_of(testing::random_pair(random, size_of_tile(tile)));
      if (!check_pair(problem, tile, kMultiprocessors)) continue;
      const PairParams p = *pair_params(*pair_chain(problem), tile);
      EXPECT_LE(p.shared_bytes, kMostSharedMemory);
      EXPECT_GE(p.slots, 3);
      EXPECT_GE(p.buffers, 1);
    }
}

// The second filter comes turn by turn: a turn's part holds all of its rows for the turn's
// channels.
TEST(CudaPairPlan, PacksTheSecondFilterByTurns) {
  const PairTile& tile = kPairTiles[1];
  Filter first{2 * tile.turn, tile.depth, 1, 1, {}}, second{tile.channels, 2 * tile.turn, 1, 1, {}};
  for (int i = 0; i < first.k * first.c; ++i)
    first.values.push_back(static_cast<std::int8_t>(i % 251));
  for (int i = 0; i < second.k * second.c; ++i)
    second.values.push_back(static_cast<std::int8_t>(i % 241));
  const auto wide = pack_wgmma_filter(first, tile.turn, tile.depth);
  const auto narrow = pack_wgmma_filter(second, pair_out_channels(tile), tile.turn);
  const auto packed = pack_pair_filters(first, second, tile);
  ASSERT_EQ(packed.size(), wide.size() + narrow.size());
  EXPECT_TRUE(std::equal(wide.begin(), wide.end(), packed.begin()));
  const auto piece = static_cast<std::size_t>(pair_out_channels(tile) * tile.turn);
  for (std::size_t turn = 0; turn < 2; ++turn)
    for (std::size_t out = 0; out < 2; ++out)
      EXPECT_EQ(std::memcmp(packed.data() + wide.size() + (2 * turn + out) * piece,
                            narrow.data() + (2 * out + turn) * piece, piece),
                0);
}

}  // namespace
}  // namespace octet::cuda
