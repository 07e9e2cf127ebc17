// Which sub-graphs are pairs of convolutions for one launch, and their numbers, without a GPU.
#include "backends/cuda/conv/siblings/plan.hpp"

#include <gtest/gtest.h>

#include "backends/cuda/common/epilogue_upload.hpp"
#include "backends/cuda/conv/siblings/tiles.hpp"
#include "ops/conv.hpp"
#include "support/random_siblings.hpp"
#include "support/random_stem.hpp"

namespace octet::cuda {
namespace {

using testing::Random;

constexpr int kMultiprocessors = 132;

Problem random_problem(std::uint64_t seed) {
  Random random(seed);
  return testing::lay_out(testing::random_siblings(random), kNHWC4, kNHWC4).problem;
}

SiblingsParams params_of(const ConvSiblings& two, const WgmmaTile& tile) {
  const Epilogue epilogues[2] = {conv_epilogue(two.conv[0], read_filter(two.conv[0]).sums()),
                                 conv_epilogue(two.conv[1], read_filter(two.conv[1]).sums())};
  return siblings_params(two, epilogues, tile);
}

TEST(CudaSiblingsPlan, TakesPairsOfOneEpilogue) {
  int taken = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const Verdict verdict =
        check_siblings(random_problem(seed), kSiblingsTiles.front(), kMultiprocessors);
    if (verdict) ++taken;
    else EXPECT_EQ(verdict.reason(), "the two need different epilogues");
  }
  EXPECT_GT(taken, 50);
}

TEST(CudaSiblingsPlan, RefusesOtherSubgraphs) {
  Random random(3);
  const Problem stem = testing::lay_out(testing::random_stem(random), kNCHW, kNHWC4).problem;
  EXPECT_EQ(check_siblings(stem, kSiblingsTiles.front(), kMultiprocessors).reason(),
            "it is no pair of convolutions that read one input");
}

// Every tile of both is taken once, whatever the numbers of tiles: as siblings.cuh walks over them.
TEST(CudaSiblingsPlan, TheWalkMeetsEveryTileOnce) {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    const ConvSiblings two = *conv_siblings(random_problem(seed));
    for (const WgmmaTile& tile : kSiblingsTiles) {
      const SiblingsParams p = params_of(two, tile);
      std::vector<int> met[2] = {std::vector<int>(static_cast<std::size_t>(p.tiles[0])),
                                 std::vector<int>(static_cast<std::size_t>(p.tiles[1]))};
      for (int t = 0; t < p.tiles[0] + p.tiles[1]; ++t) {
        const SiblingsPlace place = siblings_place(p, t);
        ++met[place.conv].at(static_cast<std::size_t>(place.index));
      }
      for (const std::vector<int>& of_conv : met)
        for (const int times : of_conv) EXPECT_EQ(times, 1) << "seed " << seed;
    }
  }
}

TEST(CudaSiblingsPlan, TheBlockHoldsTheConstantsOfBoth) {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    const ConvSiblings two = *conv_siblings(random_problem(seed));
    for (const WgmmaTile& tile : kSiblingsTiles) {
      const SiblingsParams p = params_of(two, tile);
      EXPECT_EQ(p.both.n_tiles, p.conv[0].n_tiles + p.conv[1].n_tiles);
      EXPECT_EQ(p.first_n[1], p.conv[0].n_tiles);
      EXPECT_EQ(p.blocks,
                p.conv[0].n_tiles * p.conv[0].k_tiles + p.conv[1].n_tiles * p.conv[1].k_tiles);
      EXPECT_LE(p.both.shared_bytes, kMostSharedMemory);
      if (tile.split > 0) continue;
      EXPECT_EQ(p.conv[0].stages, p.conv[1].stages);
      EXPECT_GE(p.both.stages, 2);
    }
  }
}

}  // namespace
}  // namespace octet::cuda
