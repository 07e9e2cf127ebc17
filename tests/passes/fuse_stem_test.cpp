#include "passes/fuse_stem.hpp"

#include "ops/pool.hpp"
#include "ops/subgraph.hpp"
#include "passes/builders.hpp"
#include "passes/pipelines.hpp"

namespace octet::testing {
namespace {

// image -> s8 -> 7x7 stride 2 -> 3x3 maximum of stride 2 -> 1x1
class FuseStem : public ::testing::Test {
 protected:
  ValueId add_conv(ValueId x) {
    Conv2d op;
    op.window = {{2, 2}, {3, 3, 3, 3}, {1, 1}};
    op.output = s8(2.0f);
    return g.conv(x, 16, 7, op);
  }
  ValueId add_pool(ValueId x) {
    Pool2d op;
    op.kernel = {3, 3};
    op.window = {{2, 2}, {1, 1, 1, 1}, {1, 1}};
    return g.graph.add(make_op<Pool2d>(op), {x});
  }
  ValueId quantised_image() {
    Convert op;
    op.output = s8(0.5f);
    return g.graph.add(make_op<Convert>(op), {g.input(DType::f32, {2, 3, 16, 16})});
  }
  // The CUDA pipeline, then the pass with `runs`.
  static Pipeline passes(std::function<bool(const Problem&)> runs) {
    Pipeline pipeline = cuda_pipeline();
    pipeline.push_back(fuse_stem_pass(std::move(runs)));
    return pipeline;
  }
  static bool takes_all(const Problem&) { return true; }

  GraphMaker g;
};

std::string kinds_inside(const Graph& graph) { return kinds(*only<Subgraph>(graph).inner()); }

TEST_F(FuseStem, TakesWhatBringsTheImageAndThePool) {
  g.output(g.conv(add_pool(add_conv(quantised_image())), 4, 1));
  const Graph changed = expect_same_results(g.graph, passes(takes_all));
  EXPECT_EQ(kinds_inside(changed), "convert,conv2d,pool2d");
  EXPECT_EQ(kinds(changed), "subgraph,conv2d,relayout");
}

TEST_F(FuseStem, TakesAChangeOfLayoutWhereTheInputIsQuantisedAlready) {
  const ValueId image = g.input(DType::u8, {1, 3, 16, 16}, Quant::per_tensor(0.5f, 3));
  g.output(g.conv(add_conv(image), 4, 1));
  const Graph changed = expect_same_results(g.graph, passes(takes_all));
  EXPECT_EQ(kinds_inside(changed), "relayout,conv2d");
}

TEST_F(FuseStem, LeavesThePoolOutWhereTheKernelDoesNotTakeIt) {
  g.output(add_pool(add_conv(quantised_image())));
  const Graph changed = expect_same_results(g.graph, passes([](const Problem& problem) {
                                              return problem.op->inner()->order().size() == 2;
                                            }));
  EXPECT_EQ(kinds_inside(changed), "convert,conv2d");
  EXPECT_EQ(count(changed, Pool2d::kKind), 1u);
}

TEST_F(FuseStem, LeavesThePoolOutWhereTheConvolutionHasAnotherReader) {
  const ValueId conv = add_conv(quantised_image());
  g.output(add_pool(conv));
  g.output(conv);
  const Graph changed = expect_same_results(g.graph, passes(takes_all));
  EXPECT_EQ(count(changed, Pool2d::kKind), 1u);
}

TEST_F(FuseStem, TouchesNothingThatNobodyRuns) {
  g.output(add_pool(add_conv(quantised_image())));
  const auto nobody = [](const Problem&) { return false; };
  EXPECT_EQ(to_text(after(passes(nobody), g.graph)), to_text(after(cuda_pipeline(), g.graph)));
}

TEST_F(FuseStem, TouchesNoLaterLayer) {
  const ValueId image = g.input(DType::s8, {1, 16, 16, 16}, Quant::per_tensor(0.5f));
  const ValueId y = g.conv(image, 16, 3);
  Convert op;
  op.output = s8(0.25f);
  g.output(add_pool(add_conv(g.graph.add(make_op<Convert>(op), {y}))));
  const Graph changed = expect_same_results(g.graph, passes(takes_all));
  EXPECT_EQ(kinds_inside(changed), "relayout,conv2d");
  EXPECT_EQ(count(changed, Pool2d::kKind), 1u);
}

}  // namespace
}  // namespace octet::testing
