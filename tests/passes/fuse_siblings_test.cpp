#include "passes/fuse_siblings.hpp"

#include "ops/subgraph.hpp"
#include "passes/builders.hpp"
#include "passes/pipelines.hpp"

namespace octet::testing {
namespace {

bool takes_all(const Problem&, std::span<const Problem>) { return true; }

Pipeline passes(RegionTest test) {
  Pipeline pipeline = cuda_pipeline();
  pipeline.push_back(fuse_siblings_pass(std::move(test)));
  return pipeline;
}

class FuseSiblings : public ::testing::Test {
 protected:
  ValueId image() { return g.input(DType::s8, {2, 16, 8, 8}, Quant::per_tensor(0.5f)); }
  ValueId strided(ValueId x, std::int64_t k, std::int64_t r) {
    Conv2d op;
    op.window = {{2, 2}, {r / 2, r / 2, r / 2, r / 2}, {1, 1}};
    op.output = s8(2.0f);
    return g.conv(x, k, r, op);
  }

  GraphMaker g;
};

TEST_F(FuseSiblings, TakesTheBeginningOfAResidualBlock) {
  const ValueId x = image();
  const ValueId main = g.conv(strided(x, 32, 3), 32, 3), side = strided(x, 32, 1);
  g.output(g.elementwise(ElementwiseMode::add, {main, side}, s8(2.0f)));
  const Graph changed = expect_same_results(g.graph, passes(takes_all));
  EXPECT_EQ(kinds(*only<Subgraph>(changed).inner()), "conv2d,conv2d");
  EXPECT_EQ(count(changed, Conv2d::kKind), 1u);
}

TEST_F(FuseSiblings, TellsTheRegionAndItsParts) {
  const ValueId x = image();
  g.output(g.conv(x, 32, 3));
  g.output(g.conv(x, 16, 1));
  std::size_t outputs = 0, parts = 0;
  after(passes([&](const Problem& region, std::span<const Problem> nodes) {
          outputs = region.outputs.size();
          parts = nodes.size();
          return false;
        }),
        g.graph);
  EXPECT_EQ(outputs, 2u);
  EXPECT_EQ(parts, 2u);
}

TEST_F(FuseSiblings, MakesPairsOfMany) {
  const ValueId x = image();
  for (int i = 0; i < 5; ++i) g.output(g.conv(x, 16, 1));
  const Graph changed = expect_same_results(g.graph, passes(takes_all));
  EXPECT_EQ(count(changed, Subgraph::kKind), 2u);
  EXPECT_EQ(count(changed, Conv2d::kKind), 1u);
}

TEST_F(FuseSiblings, LeavesOneBehindTheOther) {
  const ValueId x = image();
  g.output(g.conv(g.conv(x, 16, 3), 16, 3));
  const Graph changed = expect_same_results(g.graph, passes(takes_all));
  EXPECT_EQ(count(changed, Subgraph::kKind), 0u);
}

TEST_F(FuseSiblings, TouchesNothingThatIsNotFaster) {
  const ValueId x = image();
  g.output(g.conv(x, 32, 3));
  g.output(g.conv(x, 16, 1));
  const auto never = [](const Problem&, std::span<const Problem>) { return false; };
  EXPECT_EQ(to_text(after(passes(never), g.graph)), to_text(after(cuda_pipeline(), g.graph)));
}

}  // namespace
}  // namespace octet::testing
