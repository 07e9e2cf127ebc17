// The host side of the dp4a, depthwise, mma and gathering convolutions: packed filters and choices.
#include <gtest/gtest.h>

#include <set>

#include "backends/cuda/conv/depthwise/plan.hpp"
#include "backends/cuda/conv/dp4a/plan.hpp"
#include "backends/cuda/conv/gather/plan.hpp"
#include "backends/cuda/conv/mma/plan.hpp"
#include "ops/conv.hpp"

namespace octet::cuda {
namespace {

// {k, c, r, s} whose values tell their place.
Filter numbered(int k, int c, int r, int s) {
  Filter filter{k, c, r, s, std::vector<std::int8_t>(static_cast<std::size_t>(k * c * r * s))};
  for (std::size_t i = 0; i < filter.values.size(); ++i)
    filter.values[i] = static_cast<std::int8_t>(i * 37 % 251 + 1);
  return filter;
}

TensorType bytes(const Shape& shape, const Layout& layout) {
  return {DType::s8, shape, layout, Quant::per_tensor(0.1f)};
}

TEST(CudaDp4aPlan, AQuadReadsTheWordsOfItsGroups) {
  ConvGeometry g{};
  g.c = 24, g.k = 12, g.groups = 4;  // 6 inputs and 3 outputs a group: quads straddle groups
  // Outputs 4..7 are of groups 1 and 2, inputs 6..17: words 1..4.
  EXPECT_EQ(first_word(g, 4, 1), 1);
  // The last quad's words end with the last word of x.
  EXPECT_EQ(first_word(g, 4, 2), 2);
}

TEST(CudaDepthwisePlan, TapsLieInTheWordOfTheirColumns) {
  constexpr DepthwiseTile kTile{3, 3, 1, 4, 2};
  const Filter filter = numbered(5, 1, 3, 3);
  const auto packed = pack_depthwise_filter(filter, kTile, 2);
  for (int k = 0; k < 5; ++k)
    for (int r = 0; r < 3; ++r)
      for (int column = 0; column < 2; ++column)
        for (int i = 0; i < 4; ++i) {
          const int tap = i - column;
          const int wanted = tap >= 0 && tap < 3 ? filter.at(k, 0, r, tap) : 0;
          const int word = (r * 2 + column) * 2 + k / 4;
          ASSERT_EQ(packed[static_cast<std::size_t>(word * 16 + k % 4 * 4 + i)], wanted);
        }
}

TEST(CudaMmaPlan, EveryChannelOfATileHasOneRow) {
  for (const GemmTile& tile :
       {GemmTile{128, 128, 2, 2, 4}, GemmTile{256, 64, 4, 1, 4}, GemmTile{128, 64, 2, 2, 4}}) {
    std::set<int> channels;
    for (int row = 0; row < tile.n; ++row) channels.insert(channel_of_row(tile, row));
    EXPECT_EQ(channels.size(), static_cast<std::size_t>(tile.n));
    EXPECT_EQ(*channels.rbegin(), tile.n - 1);
  }
  // The two sums of a lane in neighbouring fragments are four neighbouring channels.
  const GemmTile tile{128, 128, 2, 2, 4};
  EXPECT_EQ(channel_of_row(tile, 0), 0);
  EXPECT_EQ(channel_of_row(tile, 1), 1);
  EXPECT_EQ(channel_of_row(tile, 8), 2);
  EXPECT_EQ(channel_of_row(tile, 2), 16);
}

// A convolution of {batch, channels, size, size} by 3x3 filters to as many channels.
Problem square_conv(std::int64_t batch, std::int64_t channels, std::int64_t size) {
  Conv2d op;
  op.window.pad = {1, 1, 1, 1};
  const TensorType x = bytes({batch, channels, size, size}, kNCHW4);
  Problem problem;
  problem.op = make_op<Conv2d>(op);
  problem.inputs = {x, bytes({channels, channels, 3, 3}, kNCHW), {}, {}};
  problem.outputs = {x};
  problem.constants.resize(4);
  problem.present = {true, true, false, false};
  return problem;
}

TEST(CudaMmaPlan, SplitsLongSumsOfFewTilesAlone) {
  constexpr int kMultiprocessors = 100;
  const GemmTile whole{64, 64, 2, 2, 4}, split{64, 64, 2, 2, 4, 4};
  const Problem few = square_conv(1, 512, 7), many = square_conv(128, 512, 7),
                shallow = square_conv(1, 4, 7);
  EXPECT_TRUE(check_gemm_tile(few, split, kMultiprocessors));
  EXPECT_FALSE(check_gemm_tile(many, split, kMultiprocessors));
  EXPECT_FALSE(check_gemm_tile(shallow, split, kMultiprocessors));
  for (const Problem* problem : {&few, &many, &shallow})
    EXPECT_TRUE(check_gemm_tile(*problem, whole, kMultiprocessors));
  EXPECT_LT(estimate_implicit_gemm(few, split, kMultiprocessors),
            estimate_implicit_gemm(few, whole, kMultiprocessors));

  const ImplicitGemmParams params = implicit_gemm_params(few, Loader::word);
  EXPECT_EQ(gemm_parts_bytes(params, whole), 0u);
  EXPECT_EQ(gemm_parts_bytes(params, split), 4u * 64 * 512 * sizeof(int));
}

// Unpacks what wgmma would multiply: the filter's byte for each row and depth.
TEST(CudaGatherPlan, PacksBlocksOfChannelsThenTaps) {
  const Filter filter = numbered(70, 160, 3, 1);
  const TensorType x = bytes({1, 160, 9, 9}, kNCHW32);
  constexpr int kTileN = 64;
  const auto packed = pack_gather_filter(filter, x, kTileN, 96);
  const int stages = 3 * 160 / kGatherK + 1;
  ASSERT_EQ(packed.size(), static_cast<std::size_t>(2 * stages * kTileN * kGatherK));
  int depth = 0;
  for (const auto& [first, last] : {std::pair{0, 128}, std::pair{128, 160}})
    for (int tap = 0; tap < 3; ++tap)
      for (int c = first; c < last; ++c, ++depth)
        for (int row = 0; row < 2 * kTileN; ++row) {
          const int inside = row % kTileN;
          const int held = inside / 8 * 2 + inside % 2;
          const int k = row / kTileN * kTileN + inside % 8 / 2 * 16 + held % 16;
          const int chunk = depth % kGatherK / 16 ^ (inside & 7);
          const auto at = static_cast<std::size_t>(
              ((row / kTileN * stages + depth / kGatherK) * kTileN + inside) * kGatherK +
              chunk * 16 + depth % 16);
          ASSERT_EQ(packed[at], k < 70 ? filter.at(k, c, tap, 0) : 0) << row << ", " << depth;
        }
}

TEST(CudaGatherPlan, BringsWordsWhereFourChannelsLieTogether) {
  EXPECT_EQ(gather_loader(bytes({8, 64, 5, 5}, kCHWN4)), Loader::word);
  EXPECT_EQ(gather_loader(bytes({8, 64, 5, 5}, kNCHW4)), Loader::word);
  EXPECT_EQ(gather_loader(bytes({8, 64, 5, 5}, kNCHW32)), Loader::chunk);
}

}  // namespace
}  // namespace octet::cuda
