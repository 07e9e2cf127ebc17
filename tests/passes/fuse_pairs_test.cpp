#include "passes/fuse_pairs.hpp"

#include "ops/subgraph.hpp"
#include "passes/builders.hpp"
#include "passes/pipelines.hpp"

namespace octet::testing {
namespace {

// x -> 1x1 to 64 channels, plus z, ReLU -> whatever reads it
class FusePairs : public ::testing::Test {
 protected:
  ValueId add_wide() {
    const ValueId x = input(16), z = input(64);
    return g.elementwise(ElementwiseMode::add_relu, {g.conv(x, 64, 1), z}, s8(0.5f));
  }
  ValueId input(std::int64_t channels) {
    return g.input(DType::s8, {1, channels, 6, 6}, Quant::per_tensor(0.5f));
  }
  // The CUDA pipeline, then the pass with `test`.
  static Pipeline passes(RegionTest test) {
    Pipeline pipeline = cuda_pipeline();
    pipeline.push_back(fuse_pairs_pass(std::move(test)));
    return pipeline;
  }
  static bool takes_all(const Problem&, std::span<const Problem>) { return true; }

  GraphMaker g;
};

std::string kinds_inside(const Graph& graph) { return kinds(*only<Subgraph>(graph).inner()); }

TEST_F(FusePairs, JoinsAWideMapWithTheConvolutionThatReadsIt) {
  const ValueId y = add_wide();
  g.output(g.conv(y, 16, 1));
  g.output(y);
  const Graph changed = expect_same_results(g.graph, passes(takes_all));
  EXPECT_EQ(kinds_inside(changed), "conv2d,conv2d");
  EXPECT_EQ(count(changed, Conv2d::kKind), 0u);
  EXPECT_EQ(only<Subgraph>(changed).inner()->outputs().size(), 2u);
}

TEST_F(FusePairs, TakesTheNextReaderWhereTheFirstDoesNotSuit) {
  const ValueId y = add_wide();
  g.output(g.conv(y, 48, 1));
  g.output(g.conv(y, 16, 1));
  const Graph changed = expect_same_results(g.graph, passes([](const Problem& region, auto) {
                                              return region.outputs[1].shape[1] == 16;
                                            }));
  EXPECT_EQ(kinds_inside(changed), "conv2d,conv2d");
  EXPECT_EQ(count(changed, Conv2d::kKind), 1u);
}

TEST_F(FusePairs, LeavesWindowsAndWhatNobodyRuns) {
  g.output(g.conv(add_wide(), 16, 3));
  EXPECT_EQ(count(after(passes(takes_all), g.graph), Subgraph::kKind), 0u);
  g.output(g.conv(add_wide(), 16, 1));
  const auto nobody = [](const Problem&, auto) { return false; };
  EXPECT_EQ(to_text(after(passes(nobody), g.graph)), to_text(after(cuda_pipeline(), g.graph)));
}

}  // namespace
}  // namespace octet::testing
