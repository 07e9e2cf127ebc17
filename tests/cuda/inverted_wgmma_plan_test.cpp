// What the inverted residual block on Hopper takes, how it cuts maps and packs, without a GPU.
#include "backends/cuda/conv/inverted_wgmma/plan.hpp"

#include <gtest/gtest.h>

#include "backends/cuda/conv/filter_pack.hpp"
#include "support/random_inverted.hpp"

namespace octet::cuda {
namespace {

using testing::Random;

constexpr int kSharedBytes = kMostSharedMemory;

Problem problem_of(std::uint64_t seed) {
  Random random(seed);
  return testing::lay_out(testing::random_inverted(random), kNHWC4, kNHWC4).problem;
}

// test(chain, shape) for random blocks and each shape that takes them.
template <typename Test>
void for_taken(std::uint64_t seeds, const Test& test) {
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    const Problem problem = problem_of(seed);
    for (const InvertedWgmmaShape& shape : kInvertedWgmmaShapes)
      if (check_inverted_wgmma(problem, shape, kSharedBytes)) test(*inverted_chain(problem), shape);
  }
}

TEST(CudaInvertedWgmmaPlan, TakesSmallMapsAndSaysWhyNotOthers) {
  int taken = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const Problem problem = problem_of(seed);
    bool any = false;
    for (const InvertedWgmmaShape& shape : kInvertedWgmmaShapes) {
      const Verdict verdict = check_inverted_wgmma(problem, shape, kSharedBytes);
      EXPECT_EQ(verdict.ok(), verdict.reason().empty());
      any = any || verdict.ok();
      EXPECT_TRUE(!verdict.ok() || problem.outputs[0].shape[3] <= shape.columns);
    }
    if (any) ++taken;
  }
  EXPECT_GT(taken, 10);
  EXPECT_LT(taken, 90);
}

TEST(CudaInvertedWgmmaPlan, TilesCoverTheMapAndFitInSharedMemory) {
  for_taken(100, [](const InvertedChain& chain, const InvertedWgmmaShape& shape) {
    const InvertedWgmmaParams p = inverted_wgmma_params(chain, shape, kSharedBytes);
    const int lines = shape.stride == 1 ? p.oh / 2 + 1 : p.oh;
    EXPECT_GE(p.tiles * p.lines, lines);
    EXPECT_LT((p.tiles - 1) * p.lines, lines);
    EXPECT_LE(p.lines, shape.lines());
    EXPECT_LE(p.shared_bytes, kSharedBytes);
  });
}

// Bytes from one part of shared memory to the next, by what is written there.
TEST(CudaInvertedWgmmaPlan, PartsOfSharedMemoryDoNotOverlap) {
  for_taken(100, [](const InvertedChain& chain, const InvertedWgmmaShape& shape) {
    const InvertedWgmmaParams p = inverted_wgmma_params(chain, shape, kSharedBytes);
    EXPECT_GE(p.operand_at - p.hidden_at, 2 * shape.planes() * p.plane_bytes);
    EXPECT_GE(p.input_at - p.operand_at, 2 * shape.operand_bytes());
    EXPECT_GE(p.expand_at - p.input_at, 2 * p.k_steps * p.input_plane_bytes);
    EXPECT_GE(p.depthwise_at - p.expand_at, kPieceSlots * p.expand_bytes);
    EXPECT_GE(p.table_at - p.project_at, kPieceSlots * shape.project_bytes());
    EXPECT_LT(p.spare, p.plane_bytes);
    EXPECT_GE(p.spare, 16 * ((p.lines + 1) * p.pitch + 1 + p.column_plane));
  });
}

TEST(CudaInvertedWgmmaPlan, PacksEveryWeightOnce) {
  for_taken(40, [](const InvertedChain& chain, const InvertedWgmmaShape& shape) {
    // Without constants, whose bytes are no weights.
    HiddenLayers layers = hidden_layers(chain);
    for (HiddenLayer* layer : {&layers.expand, &layers.depthwise})
      for (auto& channel : layer->channels) channel = {0, 0, 0};
    long sum = 0, expected = 0;
    for (const std::int8_t byte : pack_inverted_wgmma(chain, shape, layers)) sum += byte;
    for (const Problem* conv : {&*chain.expand, &chain.depthwise, &chain.project})
      for (const std::int8_t weight : read_filter(*conv).values) expected += weight;
    EXPECT_EQ(sum, expected);
  });
}

}  // namespace
}  // namespace octet::cuda
