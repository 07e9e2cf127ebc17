#include "runtime/memory_planner.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace octet {
namespace {

constexpr std::size_t kAlignment = 64;

bool live_together(const BufferRequest& a, const BufferRequest& b) {
  return a.first <= b.last && b.first <= a.last;
}

// The most bytes that live at one step: no layout can be smaller.
std::size_t lower_bound(const std::vector<BufferRequest>& requests, std::int32_t steps) {
  std::size_t most = 0;
  for (std::int32_t t = 0; t < steps; ++t) {
    std::size_t now = 0;
    for (const BufferRequest& r : requests)
      if (r.first <= t && t <= r.last) now += r.bytes;
    most = std::max(most, now);
  }
  return most;
}

TEST(MemoryPlanner, LiveBuffersNeverOverlapInRandomGraphs) {
  for (unsigned seed = 0; seed < 300; ++seed) {
    std::mt19937 random(seed);
    const std::int32_t steps = 2 + static_cast<std::int32_t>(random() % 40);
    std::vector<BufferRequest> requests(1 + random() % 60);
    for (BufferRequest& r : requests) {
      r.bytes = random() % 5000;
      r.first = static_cast<std::int32_t>(random() % static_cast<unsigned>(steps));
      r.last = std::min<std::int32_t>(steps - 1, r.first + static_cast<std::int32_t>(random() % 6));
    }
    const MemoryLayout layout = lay_out(requests, kAlignment);
    ASSERT_EQ(layout.offsets.size(), requests.size());
    for (std::size_t i = 0; i < requests.size(); ++i) {
      ASSERT_EQ(layout.offsets[i] % kAlignment, 0u);
      ASSERT_LE(layout.offsets[i] + requests[i].bytes, layout.arena_bytes);
      for (std::size_t j = 0; j < i; ++j) {
        if (!live_together(requests[i], requests[j])) continue;
        const bool apart = layout.offsets[i] + requests[i].bytes <= layout.offsets[j] ||
                           layout.offsets[j] + requests[j].bytes <= layout.offsets[i];
        ASSERT_TRUE(apart) << "seed " << seed << ": buffers " << i << " and " << j << " overlap";
      }
    }
    ASSERT_LE(layout.arena_bytes, layout.total_bytes);
    ASSERT_LE(layout.least_bytes, layout.arena_bytes);
    ASSERT_GE(layout.least_bytes, lower_bound(requests, steps));  // which does not round up
  }
}

TEST(MemoryPlanner, AChainNeedsTwoBuffers) {
  std::vector<BufferRequest> chain;
  for (std::int32_t t = 0; t < 50; ++t) chain.push_back({1024, t, t + 1});
  const MemoryLayout layout = lay_out(chain, kAlignment);
  EXPECT_EQ(layout.arena_bytes, 2u * 1024);
  EXPECT_EQ(layout.total_bytes, 50u * 1024);
}

TEST(MemoryPlanner, TakesTheSmallestGapThatFits) {
  // Three blocks that stay leave a gap of 400 and one of 200 units behind; the latter is enough.
  const std::vector<BufferRequest> requests{{1000 * 64, 0, 9}, {400 * 64, 0, 4}, {300 * 64, 0, 9},
                                            {200 * 64, 0, 4},  {180 * 64, 0, 9}, {150 * 64, 5, 9}};
  const MemoryLayout layout = lay_out(requests, kAlignment);
  EXPECT_EQ(layout.offsets[5], layout.offsets[3]);
}

TEST(MemoryPlanner, WithoutReuseEveryBufferHasItsOwnPlace) {
  std::vector<BufferRequest> chain;
  for (std::int32_t t = 0; t < 5; ++t) chain.push_back({100, t, t});
  const MemoryLayout layout = lay_out(chain, kAlignment, false);
  EXPECT_EQ(layout.arena_bytes, 5u * 128);
  EXPECT_EQ(layout.arena_bytes, layout.total_bytes);
}

TEST(MemoryPlanner, EmptyBuffersStillHaveDistinctPlaces) {
  const std::vector<BufferRequest> requests{{0, 0, 1}, {0, 0, 1}};
  const MemoryLayout layout = lay_out(requests, kAlignment);
  EXPECT_NE(layout.offsets[0], layout.offsets[1]);
}

}  // namespace
}  // namespace octet
