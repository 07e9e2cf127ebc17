#include "passes/fuse_entry.hpp"

#include "ops/subgraph.hpp"
#include "passes/builders.hpp"
#include "passes/fuse_inverted.hpp"
#include "passes/fuse_stem.hpp"
#include "passes/pipelines.hpp"

namespace octet::testing {
namespace {

// image -> s8 -> 3x3 stride 2 -> depthwise 3x3 -> 1x1
class FuseEntry : public ::testing::Test {
 protected:
  ValueId add_conv(ValueId x, std::int64_t k, std::int64_t size, std::int64_t stride = 1,
                   std::int64_t groups = 1) {
    Conv2d op;
    const std::int64_t pad = size / 2;
    op.window = {{stride, stride}, {pad, pad, pad, pad}, {1, 1}};
    op.groups = groups;
    op.output = s8(2.0f);
    return g.conv(x, k, size, op);
  }
  ValueId first_layer() {
    Convert op;
    op.output = s8(0.5f);
    const ValueId image = g.input(DType::f32, {2, 3, 16, 16});
    return add_conv(g.graph.add(make_op<Convert>(op), {image}), 32, 3, 2);
  }
  ValueId add_block(ValueId x) { return add_conv(add_conv(x, 32, 3, 1, 32), 16, 1); }

  // The CUDA pipeline, the first layer, then blocks if `inverted` says so, then the pass with
  // `test`.
  static Pipeline passes(bool inverted, RegionTest test) {
    Pipeline pipeline = cuda_pipeline();
    pipeline.push_back(fuse_stem_pass([](const Problem&) { return true; }));
    pipeline.push_back(fuse_inverted_pass([=](const Problem&, auto) { return inverted; }));
    pipeline.push_back(fuse_entry_pass(std::move(test)));
    return pipeline;
  }
  // What takes a region of so many parts.
  static RegionTest takes(std::size_t parts) {
    return [=](const Problem&, std::span<const Problem> of) { return of.size() == parts; };
  }

  GraphMaker g;
};

TEST_F(FuseEntry, JoinsTheFirstLayerAndTheTwoConvolutionsBehindIt) {
  g.output(add_block(first_layer()));
  const Graph changed = expect_same_results(g.graph, passes(false, takes(3)));
  EXPECT_EQ(kinds(*only<Subgraph>(changed).inner()), "convert,conv2d,conv2d,conv2d");
}

TEST_F(FuseEntry, JoinsTheFirstLayerAndTheRegionBehindIt) {
  g.output(add_block(first_layer()));
  const Graph changed = expect_same_results(g.graph, passes(true, takes(2)));
  EXPECT_EQ(kinds(*only<Subgraph>(changed).inner()), "convert,conv2d,conv2d,conv2d");
}

TEST_F(FuseEntry, LeavesBothRegionsWhereThatIsNotFaster) {
  g.output(add_block(first_layer()));
  const Graph changed = expect_same_results(g.graph, passes(true, takes(0)));
  EXPECT_EQ(count(changed, Subgraph::kKind), 2u);
}

TEST_F(FuseEntry, LeavesAFirstLayerThatHasAnotherReader) {
  const ValueId map = first_layer();
  g.output(add_block(map));
  g.output(map);
  const Graph changed = expect_same_results(g.graph, passes(true, takes(2)));
  EXPECT_EQ(count(changed, Subgraph::kKind), 2u);
}

TEST_F(FuseEntry, LeavesABlockThatExpands) {
  g.output(add_block(add_conv(first_layer(), 32, 1)));
  const Graph changed = expect_same_results(g.graph, passes(true, takes(2)));
  EXPECT_EQ(count(changed, Subgraph::kKind), 2u);
}

}  // namespace
}  // namespace octet::testing
