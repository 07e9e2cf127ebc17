// What a long-running program sees: no allocation and no growth once the first run is over.
#include <gtest/gtest.h>

#include "runtime/engine.hpp"
#include "support/allocation_counter.hpp"
#include "toy.hpp"

namespace octet {
namespace {

using toy::f32;

class SteadyState : public testing::Test {
 protected:
  SteadyState() {
    Graph graph;
    const ValueId x = graph.add_input("image", f32({1, 6}));
    const ValueId y = graph.add(make_op<toy::Affine>(2.0f, 1.0f), {x});
    const ValueId z = graph.add(make_op<toy::Add>(), {x, y});
    graph.add_output(graph.add(make_op<toy::Affine>(0.5f, 0.0f), {z}), "result");
    EngineOptions options;
    options.plan.backends = {&toy::backend()};
    options.plan.chooser = &chooser_;
    engine_ = std::make_unique<Engine>(std::move(graph), std::move(options));
  }

  FirstAccepting chooser_;
  std::unique_ptr<Engine> engine_;
  const NamedTensors inputs_{{"image", Tensor(f32({1, 6}))}};
  NamedTensors outputs_;
};

#ifdef OCTET_TEST_COUNTS_ALLOCATIONS
TEST_F(SteadyState, RunsWithoutAllocating) {
  engine_->run(inputs_, outputs_);
  const AllocationCounter counter;
  for (int i = 0; i < 10; ++i) engine_->run(inputs_, outputs_);
  EXPECT_EQ(counter.count(), 0u);
}

TEST_F(SteadyState, TheCounterSeesAllocations) {
  const AllocationCounter counter;
  engine_->run(inputs_, outputs_);
  EXPECT_GT(counter.count(), 0u);
}

// (A sanitizer would keep freed memory for a while.)
TEST_F(SteadyState, KeepsItsSizeOverTenThousandRuns) {
  const auto run = [&](int times) {
    for (int i = 0; i < times; ++i) {
      NamedTensors fresh;
      engine_->run(inputs_, fresh);
    }
  };
  run(100);
  const std::size_t before = resident_bytes();
  ASSERT_GT(before, 0u);
  run(10'000);
  EXPECT_LE(resident_bytes(), before + 256 * 1024);
}
#endif

}  // namespace
}  // namespace octet
