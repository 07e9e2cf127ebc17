// Channel shuffles of both frameworks become gathers; what is not a choice of channels stays.
#include <gtest/gtest.h>

#include "ops/move.hpp"
#include "ops/shape.hpp"
#include "passes/arrangement.hpp"
#include "passes/gather_channels.hpp"
#include "passes/pass_harness.hpp"

namespace octet::testing {
namespace {

TEST(ArrangementIndices, FollowAShuffle) {
  auto arrangement = *Arrangement::of(Shape{1, 6, 2, 3});
  ASSERT_TRUE(arrangement.reshape(Shape{1, 2, 3, 2, 3}));
  EXPECT_FALSE(arrangement.indices_along(1).has_value());
  const std::vector<std::int64_t> permutation{0, 2, 1, 3, 4};
  arrangement.transpose(permutation);
  ASSERT_TRUE(arrangement.reshape(Shape{1, 6, 2, 3}));
  EXPECT_EQ(arrangement.indices_along(1), (std::vector<std::int64_t>{0, 3, 1, 4, 2, 5}));
}

TEST(ArrangementIndices, KnowWhatTheyCannotTell) {
  auto arrangement = *Arrangement::of(Shape{2, 6, 4, 4});
  ASSERT_TRUE(arrangement.reshape(Shape{2, 3, 8, 4}));  // a channel joins the rows
  EXPECT_FALSE(arrangement.indices_along(1).has_value());
}

struct GatherChannels : ::testing::Test {
  ValueId integers(const std::vector<std::int64_t>& values) {
    const Shape shape{static_cast<std::int64_t>(values.size())};
    return g.graph.add_constant(
        Tensor::from<std::int64_t>({DType::s64, shape, kNCHW, std::nullopt}, values));
  }
  ValueId reshape(ValueId x, const std::vector<std::int64_t>& shape) {
    return g.graph.add(make_op<Reshape>(), {x, integers(shape)});
  }
  ValueId transpose(ValueId x, const std::vector<std::int64_t>& permutation) {
    Transpose op;
    op.permutation = permutation;
    return g.graph.add(make_op<Transpose>(op), {x});
  }
  ValueId channels(ValueId x, std::int64_t begin, std::int64_t end) {
    return g.graph.add(make_op<Slice>(), {x, integers({begin}), integers({end}), integers({1})});
  }

  GraphMaker g;
};

TEST_F(GatherChannels, TakesTheShuffleOfOnnxAndItsHalves) {
  const ValueId x = g.input(DType::u8, {2, 12, 3, 5}, Quant::per_tensor(0.1f, 3));
  const ValueId shuffled =
      reshape(transpose(reshape(x, {2, 2, 6, 3, 5}), {0, 2, 1, 3, 4}), {2, 12, 3, 5});
  g.output(channels(shuffled, 0, 6));
  g.output(channels(shuffled, 6, 12));
  const Graph changed = expect_same_results(g.graph, {gather_channels_pass()});
  EXPECT_EQ(count(changed, Gather::kKind), 2u);
  EXPECT_EQ(changed.order().size(), 2u) << to_text(changed);
}

TEST_F(GatherChannels, TakesTheShuffleOfMegEngine) {
  const ValueId x = g.input(DType::s8, {2, 12, 3, 5}, Quant::per_tensor(0.1f));
  const ValueId turned = transpose(reshape(x, {2 * 6, 2, 15}), {1, 0, 2});
  const ValueId split = reshape(turned, {2, 2, 6, 3, 5});
  for (const std::int32_t half : {0, 1}) {
    Subtensor op;
    op.items = {{.axis = 0, .index = true}};
    const ValueId index = g.graph.add_constant(Tensor::from<std::int32_t>(
        {DType::s32, Shape{1}, kNCHW, std::nullopt}, std::span(&half, 1)));
    g.output(g.graph.add(make_op<Subtensor>(op), {split, index}));
  }
  const Graph changed = expect_same_results(g.graph, {gather_channels_pass()});
  EXPECT_EQ(count(changed, Gather::kKind), 2u);
  EXPECT_EQ(changed.order().size(), 2u) << to_text(changed);
}

TEST_F(GatherChannels, LeavesWhatMovesPixels) {
  const ValueId x = g.input(DType::s8, {2, 12, 4, 4}, Quant::per_tensor(0.1f));
  g.output(reshape(transpose(reshape(x, {2, 3, 2, 2, 4, 4}), {0, 1, 4, 2, 5, 3}), {2, 3, 8, 8}));
  const Graph changed = expect_same_results(g.graph, {gather_channels_pass()});
  EXPECT_EQ(count(changed, Gather::kKind), 0u);
}

TEST_F(GatherChannels, LeavesAChainThatChangesNothing) {
  const ValueId x = g.input(DType::s8, {2, 12, 4, 4}, Quant::per_tensor(0.1f));
  g.output(reshape(reshape(x, {2, 12, 16}), {2, 12, 4, 4}));
  EXPECT_EQ(count(expect_same_results(g.graph, {gather_channels_pass()}), Gather::kKind), 0u);
}

}  // namespace
}  // namespace octet::testing
