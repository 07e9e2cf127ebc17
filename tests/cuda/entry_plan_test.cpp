// What the kernel of the first layer with the block behind it takes, its filter, how it shares out
// images, without a GPU.
#include "backends/cuda/conv/entry/plan.hpp"

#include <gtest/gtest.h>

#include "models/make_model.hpp"
#include "ops/subgraph.hpp"
#include "passes/fuse_entry.hpp"
#include "passes/fuse_inverted.hpp"
#include "passes/fuse_stem.hpp"
#include "passes/pipelines.hpp"
#include "support/random_inverted.hpp"

namespace octet::cuda {
namespace {

using testing::Case;
using testing::Random;

constexpr int kSharedBytes = kMostSharedMemory, kMultiprocessors = 132;

Problem problem_of(const Case& c) { return testing::lay_out(c, kNCHW, kNHWC4).problem; }

Problem random_problem(std::uint64_t seed) {
  Random random(seed);
  return problem_of(testing::random_entry(random));
}

bool is_entry(const Problem& region) {
  return check_entry(region, kEntryShapes[0], kSharedBytes).ok();
}

TEST(CudaEntryPlan, TakesMostRandomProblemsAndSaysWhyNotTheOthers) {
  int taken = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const Verdict verdict = check_entry(random_problem(seed), kEntryShapes[0], kSharedBytes);
    if (verdict) ++taken;
    EXPECT_EQ(verdict.ok(), verdict.reason().empty());
  }
  EXPECT_GT(taken, 40);
  EXPECT_LT(taken, 100);
}

TEST(CudaEntryPlan, RefusesAnOutputInTheDefaultLayout) {
  Random random(3);
  const Problem problem = testing::lay_out(testing::random_entry(random), kNCHW, kNCHW).problem;
  EXPECT_FALSE(is_entry(problem));
}

TEST(CudaEntryPlan, BlocksCoverEveryLineOnce) {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    const Problem problem = random_problem(seed);
    for (const EntryShape& shape : kEntryShapes) {
      if (!check_entry(problem, shape, kSharedBytes)) continue;
      const EntryParams p =
          entry_params(*entry_chain(problem), shape, kSharedBytes, kMultiprocessors);
      EXPECT_GE(p.blocks * p.lines, p.all_lines);
      EXPECT_LT((p.blocks - 1) * p.lines, p.all_lines);
      EXPECT_LE(p.block.shared_bytes, kSharedBytes);
    }
  }
}

// K as the kernel reads it: of each of three rows four pixels of four bytes, the first of which is
// left of twice the column.
TEST(CudaEntryPlan, TheFilterMultipliesPixelsAsTheyLie) {
  int tried = 0;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    const Problem problem = random_problem(seed);
    if (!is_entry(problem)) continue;
    const EntryChain chain = *entry_chain(problem);
    const Filter filter = read_filter(*chain.block.expand), laid = *entry_filters(chain).expand;
    const auto pad_left = static_cast<int>(chain.block.expand->as<Conv2d>()->window.pad[1]);
    for (int k = 0; k < filter.k; ++k) {
      int taps = 0;
      for (int c = 0; c < filter.c; ++c)
        for (int r = 0; r < 3; ++r)
          for (int s = 0; s < 3; ++s) {
            const int pixel = s - pad_left + 1;
            EXPECT_EQ(laid.at(k, r * 16 + pixel * 4 + c, 0, 0), filter.at(k, c, r, s));
            if (filter.at(k, c, r, s) != 0) ++taps;
          }
      int others = 0;
      for (int i = 0; i < laid.c; ++i)
        if (laid.at(k, i, 0, 0) != 0) ++others;
      EXPECT_EQ(others, taps);
    }
    ++tried;
  }
  EXPECT_GT(tried, 10);
}

// The begin of MobileNetV2: what the pass makes of it.
std::vector<Problem> mobilenet_entries() {
  Graph graph = std::move(make_model("mobilenet_v2").graph);
  Pipeline pipeline = cuda_pipeline();
  pipeline.push_back(fuse_stem_pass([](const Problem&) { return true; }));
  pipeline.push_back(fuse_entry_pass([](const Problem& region, auto) { return is_entry(region); }));
  run_pipeline(pipeline, graph);
  std::vector<Problem> entries;
  for (const NodeId id : graph.order())
    if (graph.node(id).as<Subgraph>() != nullptr) entries.push_back(Problem::of(graph, id));
  return entries;
}

Problem at_batch(Problem problem, std::int64_t batch) {
  problem.inputs[0].shape[0] = problem.outputs[0].shape[0] = batch;
  return problem;
}

TEST(CudaEntryPlan, TakesTheBeginOfMobileNet) {
  const std::vector<Problem> entries = mobilenet_entries();
  ASSERT_EQ(entries.size(), 1u);
  EXPECT_EQ(hidden_layers(entry_chain(entries[0])->block).form, HiddenForm::bits);
}

// As measured on an H200.
TEST(CudaEntryPlan, EstimatesMobileNetsTimes) {
  struct Measured {
    std::int64_t batch;
    double microseconds;
  };
  const std::vector<Problem> entries = mobilenet_entries();
  for (const Measured& of : {Measured{1, 4.4}, {8, 8.1}, {32, 19.7}, {128, 59.0}, {256, 113.0}}) {
    const double estimate = estimate_entry(at_batch(entries.at(0), of.batch), kEntryShapes[0],
                                           kSharedBytes, kMultiprocessors);
    EXPECT_GT(estimate, 0.7 * of.microseconds) << of.batch;
    EXPECT_LT(estimate, 1.4 * of.microseconds) << of.batch;
  }
}

}  // namespace
}  // namespace octet::cuda
