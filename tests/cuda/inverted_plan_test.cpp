// What the fused inverted residual block takes, how it cuts maps, without a GPU.
#include "backends/cuda/conv/inverted/plan.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "backends/cuda/conv/inverted/pack.hpp"
#include "models/make_model.hpp"
#include "ops/subgraph.hpp"
#include "passes/fuse_inverted.hpp"
#include "passes/pipelines.hpp"
#include "support/random_inverted.hpp"

namespace octet::cuda {
namespace {

using testing::Case;
using testing::Random;

constexpr int kSharedBytes = kMostSharedMemory;

Problem problem_of(const Case& c) { return testing::lay_out(c, kNHWC4, kNHWC4).problem; }

bool any_shape_takes(const Problem& problem) {
  for (const InvertedShape& shape : kInvertedShapes)
    if (check_inverted(problem, shape, kSharedBytes)) return true;
  return false;
}

// The blocks of MobileNetV2.
std::vector<Problem> mobilenet_blocks() {
  ModelFile model = make_model("mobilenet_v2");
  Graph graph = std::move(model.graph);
  Pipeline pipeline = cuda_pipeline();
  pipeline.push_back(
      fuse_inverted_pass([](const Problem& region, auto) { return any_shape_takes(region); }));
  run_pipeline(pipeline, graph);
  std::vector<Problem> blocks;
  for (const NodeId id : graph.order())
    if (graph.node(id).as<Subgraph>() != nullptr) blocks.push_back(Problem::of(graph, id));
  return blocks;
}

TEST(CudaInvertedPlan, TakesMostRandomBlocksAndSaysWhyNotTheOthers) {
  int taken = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    Random random(seed);
    const bool expands = seed % 4 != 0;
    const Problem problem =
        problem_of(testing::random_inverted(random, expands ? 160 : 16, expands));
    if (any_shape_takes(problem)) ++taken;
    for (const InvertedShape& shape : kInvertedShapes) {
      const Verdict verdict = check_inverted(problem, shape, kSharedBytes);
      EXPECT_EQ(verdict.ok(), verdict.reason().empty());
    }
  }
  EXPECT_GT(taken, 70);
  EXPECT_LT(taken, 100);
}

TEST(CudaInvertedPlan, RefusesOtherLayouts) {
  Random random(3);
  const Problem problem = testing::lay_out(testing::random_inverted(random), kNCHW, kNCHW).problem;
  EXPECT_FALSE(any_shape_takes(problem));
}

TEST(CudaInvertedPlan, TilesCoverTheMap) {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    Random random(seed);
    const Problem problem = problem_of(testing::random_inverted(random, 160, seed % 4 != 0));
    for (const InvertedShape& shape : kInvertedShapes) {
      if (!check_inverted(problem, shape, kSharedBytes)) continue;
      const InvertedParams p = inverted_params(*inverted_chain(problem), shape, kSharedBytes);
      EXPECT_GE(p.tiles * p.rows, p.oh);
      EXPECT_LT((p.tiles - 1) * p.rows, p.oh);
      EXPECT_LE(shape.blocks * (p.shared_bytes + 1024), kSharedBytes + 1024);
      EXPECT_EQ(p.tiles > 1 ? p.rows % shape.line_rows() : 0, 0);
    }
  }
}

TEST(CudaInvertedPlan, ColumnsOfTwoProductsAreAllChannels) {
  std::vector<int> seen;
  for (int column = 0; column < 16; ++column) seen.push_back(inverted_channel(column));
  std::sort(seen.begin(), seen.end());
  for (int c = 0; c < 16; ++c) EXPECT_EQ(seen[static_cast<std::size_t>(c)], c);
}

TEST(CudaInvertedPlan, MobileNetsBlocksTakeTheShortWayToBytes) {
  const std::vector<Problem> blocks = mobilenet_blocks();
  EXPECT_EQ(blocks.size(), 16u);
  int proved = 0;
  for (const Problem& block : blocks)
    if (hidden_layers(*inverted_chain(block)).form == HiddenForm::bits) ++proved;
  EXPECT_EQ(proved, static_cast<int>(blocks.size()));
}

TEST(CudaInvertedPlan, OnlyTheFirstOfMobileNetsBlocksDoesNotExpand) {
  int plain = 0;
  for (const Problem& block : mobilenet_blocks())
    if (!inverted_chain(block)->expand) ++plain;
  EXPECT_EQ(plain, 1);
}

}  // namespace
}  // namespace octet::cuda
