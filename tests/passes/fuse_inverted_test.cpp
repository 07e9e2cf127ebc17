#include "passes/fuse_inverted.hpp"

#include "ops/subgraph.hpp"
#include "passes/builders.hpp"
#include "passes/pipelines.hpp"

namespace octet::testing {
namespace {

// 1x1 -> depthwise 3x3 -> 1x1, and perhaps the block's input added.
class FuseInverted : public ::testing::Test {
 protected:
  ValueId add_conv(ValueId x, std::int64_t k, std::int64_t size, std::int64_t groups = 1) {
    Conv2d op;
    const std::int64_t pad = size / 2;
    op.window = {{1, 1}, {pad, pad, pad, pad}, {1, 1}};
    op.groups = groups;
    op.output = s8(2.0f);
    return g.conv(x, k, size, op);
  }
  ValueId add_hidden(ValueId x) { return add_conv(add_conv(x, 32, 1), 32, 3, 32); }
  ValueId add_block(ValueId x) { return add_conv(add_hidden(x), 16, 1); }
  ValueId image() { return g.input(DType::s8, {2, 16, 8, 8}, Quant::per_tensor(0.5f)); }

  // The CUDA pipeline, then the pass with `test`.
  static Pipeline passes(RegionTest test) {
    Pipeline pipeline = cuda_pipeline();
    pipeline.push_back(fuse_inverted_pass(std::move(test)));
    return pipeline;
  }
  static bool takes_all(const Problem&, std::span<const Problem>) { return true; }

  GraphMaker g;
};

TEST_F(FuseInverted, TakesTheThreeConvolutions) {
  g.output(add_block(image()));
  const Graph changed = expect_same_results(g.graph, passes(takes_all));
  EXPECT_EQ(kinds(*only<Subgraph>(changed).inner()), "conv2d,conv2d,conv2d");
}

TEST_F(FuseInverted, TakesTheResidualAddition) {
  const ValueId x = image();
  Elementwise add;
  add.mode = ElementwiseMode::add;
  add.output = s8(4.0f);
  g.output(g.graph.add(make_op<Elementwise>(add), {add_block(x), x}));
  const Graph changed = expect_same_results(g.graph, passes(takes_all));
  EXPECT_EQ(kinds(*only<Subgraph>(changed).inner()), "conv2d,conv2d,conv2d");
  EXPECT_EQ(only<Subgraph>(changed).inner()->inputs().size(), 1u);
}

TEST_F(FuseInverted, TakesEachOfTwoBlocks) {
  g.output(add_block(add_block(image())));
  const Graph changed = expect_same_results(g.graph, passes(takes_all));
  EXPECT_EQ(count(changed, Subgraph::kKind), 2u);
  EXPECT_EQ(count(changed, Conv2d::kKind), 0u);
}

TEST_F(FuseInverted, TakesTwoConvolutionsWhereNothingExpands) {
  g.output(add_conv(add_conv(image(), 16, 3, 16), 24, 1));
  const Graph changed = expect_same_results(g.graph, passes(takes_all));
  EXPECT_EQ(kinds(*only<Subgraph>(changed).inner()), "conv2d,conv2d");
}

TEST_F(FuseInverted, TakesTheLastTwoWhereAllThreeAreRefused) {
  g.output(add_block(image()));
  const auto two = [](const Problem&, std::span<const Problem> parts) { return parts.size() == 2; };
  const Graph changed = expect_same_results(g.graph, passes(two));
  EXPECT_EQ(kinds(*only<Subgraph>(changed).inner()), "conv2d,conv2d");
  EXPECT_EQ(count(changed, Conv2d::kKind), 1u);
}

TEST_F(FuseInverted, LeavesABlockWhoseHiddenMapHasAnotherReader) {
  const ValueId hidden = add_hidden(image());
  g.output(add_conv(hidden, 16, 1));
  g.output(hidden);
  const Graph changed = expect_same_results(g.graph, passes(takes_all));
  EXPECT_EQ(count(changed, Subgraph::kKind), 0u);
}

TEST_F(FuseInverted, LeavesOtherWindowsInTheMiddle) {
  g.output(add_conv(add_conv(add_conv(image(), 32, 1), 32, 3), 16, 1));
  const Graph changed = expect_same_results(g.graph, passes(takes_all));
  EXPECT_EQ(count(changed, Subgraph::kKind), 0u);
}

TEST_F(FuseInverted, TouchesNothingThatNobodyRuns) {
  g.output(add_block(image()));
  const auto nobody = [](const Problem&, std::span<const Problem>) { return false; };
  EXPECT_EQ(to_text(after(passes(nobody), g.graph)), to_text(after(cuda_pipeline(), g.graph)));
}

}  // namespace
}  // namespace octet::testing
