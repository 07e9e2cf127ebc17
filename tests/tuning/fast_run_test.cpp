// The search by measurement, on kernels whose times the test decides.
#include "tuning/fast_run.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "runtime/plan.hpp"
#include "runtime/toy.hpp"
#include "tuning/tuning_key.hpp"

namespace octet {
namespace {

using toy::f32;

int runs_of_slow = 0, runs_of_quick = 0;

template <int kMicroseconds>
class Sleeper final : public Executable {
 public:
  void run(const RunArgs&) const override {
    ++(kMicroseconds > 0 ? runs_of_slow : runs_of_quick);
    // The quick one does not sleep at all: on a busy machine a short sleep may be a long one.
    if constexpr (kMicroseconds > 0)
      std::this_thread::sleep_for(std::chrono::microseconds(kMicroseconds));
  }
};

template <int kMicroseconds>
std::unique_ptr<Executable> sleeper(const Problem&, const Demands&) {
  return std::make_unique<Sleeper<kMicroseconds>>();
}

class Hungry final : public Executable {
 public:
  void run(const RunArgs&) const override {}
  std::size_t workspace() const override { return 1 << 20; }
};

class Broken final : public Executable {
 public:
  void run(const RunArgs&) const override { throw Error(StatusCode::unavailable, "it broke"); }
};

template <typename T>
std::unique_ptr<Executable> make(const Problem&, const Demands&) {
  return std::make_unique<T>();
}

double cheap(const Problem&) { return 1.0; }
double dear(const Problem&) { return 2.0; }

class Kitchen final : public HostBackend {
 public:
  explicit Kitchen(std::vector<Kernel> kernels) : kernels_(std::move(kernels)) {}
  std::string_view name() const noexcept override { return "kitchen"; }
  std::span<const Kernel> kernels(std::string_view) const override { return kernels_; }

 private:
  std::vector<Kernel> kernels_;
};

class MemoryStore final : public TuningStore {
 public:
  KernelTimes load(const TuningKey& key) override { return kept[key.problem]; }
  void save(const TuningKey& key, const KernelTimes& times) override { kept[key.problem] = times; }
  std::map<std::string, KernelTimes> kept;
};

class FastRunTest : public testing::Test {
 protected:
  FastRunTest() {
    problem_.op = make_op<toy::Affine>(2.0f, 1.0f);
    problem_.inputs = problem_.outputs = {f32({1, 8})};
    problem_.constants = {nullptr};
    problem_.present = {true};
    runs_of_slow = runs_of_quick = 0;
  }

  std::string choose(const Kitchen& kitchen, FastRun& search, const Demands& demands = {}) {
    const std::vector<const Backend*> backends{&kitchen};
    candidates_ = candidates_for(problem_, demands, backends);
    return candidates_[search.choose(problem_, demands, candidates_)].kernel->name;
  }

  Problem problem_;
  std::vector<Candidate> candidates_;
  const Kernel slow_{"slow", toy::anything, sleeper<2000>};
  const Kernel quick_{"quick", toy::anything, sleeper<0>};
};

TEST_F(FastRunTest, TakesTheFastestAndTellsTheTimes) {
  const Kitchen kitchen({slow_, quick_});
  FastRun search;
  EXPECT_EQ(choose(kitchen, search), "quick");
  ASSERT_TRUE(candidates_[0].milliseconds && candidates_[1].milliseconds);
  EXPECT_GT(*candidates_[0].milliseconds, *candidates_[1].milliseconds);
}

TEST_F(FastRunTest, MeasuresAProblemOnce) {
  const Kitchen kitchen({slow_, quick_});
  FastRun search;
  choose(kitchen, search);
  const int runs = runs_of_slow;
  EXPECT_EQ(choose(kitchen, search), "quick");
  EXPECT_EQ(runs_of_slow, runs);
}

TEST_F(FastRunTest, LeavesOutNaiveKernelsUnlessTheRunIsFull) {
  Kernel naive = quick_;
  naive.name = "naive";
  naive.naive = true;
  Kernel other = slow_;
  other.name = "other";
  const Kitchen kitchen({slow_, other, naive});
  FastRun fast;
  EXPECT_NE(choose(kitchen, fast), "naive");
  FastRunOptions options;
  options.full = true;
  FastRun full(options);
  EXPECT_EQ(choose(kitchen, full), "naive");
}

TEST_F(FastRunTest, LeavesOutRowsWithoutAnEstimateWhereOthersHaveOne) {
  Kernel first = slow_, second = slow_;
  first.estimate = dear;
  second.name = "second";
  second.estimate = cheap;
  const Kitchen kitchen({quick_, first, second});
  FastRun search;
  EXPECT_NE(choose(kitchen, search), "quick");
  EXPECT_EQ(runs_of_quick, 0);
}

TEST_F(FastRunTest, PassesOverKernelsThatFailOrWantTooMuch) {
  const Kitchen kitchen(
      {{"broken", toy::anything, make<Broken>}, {"hungry", toy::anything, make<Hungry>}, slow_});
  FastRun search;
  Demands demands;
  demands.workspace_limit = 1000;
  EXPECT_EQ(choose(kitchen, search, demands), "slow");
}

TEST_F(FastRunTest, KeepsWhatItMeasuredInTheStoreAndAsksItFirst) {
  const auto store = std::make_shared<MemoryStore>();
  const Kitchen kitchen({slow_, quick_});
  FastRunOptions options;
  options.store = store;
  FastRun writer(options);
  choose(kitchen, writer);
  ASSERT_EQ(store->kept.size(), 1u);

  // The store's word counts, even against what a measurement would say.
  store->kept.begin()->second = {{"slow", 0.001}, {"quick", 5.0}};
  runs_of_slow = runs_of_quick = 0;
  FastRun reader(options);
  EXPECT_EQ(choose(kitchen, reader), "slow");
  EXPECT_EQ(runs_of_slow + runs_of_quick, 0);
}

TEST_F(FastRunTest, MeasuresAnewWhereTheStoreDoesNotKnowAKernel) {
  const auto store = std::make_shared<MemoryStore>();
  const Kitchen kitchen({slow_, quick_});
  store->kept[tuning_key(problem_, {}, kitchen).problem] = {{"slow", 0.001}};
  FastRunOptions options;
  options.store = store;
  FastRun search(options);
  EXPECT_EQ(choose(kitchen, search), "quick");
}

TEST_F(FastRunTest, WithoutMeasuringGoesByTheStoreAndElseByOrder) {
  const auto store = std::make_shared<MemoryStore>();
  const Kitchen kitchen({slow_, quick_});
  FastRunOptions options;
  options.store = store;
  options.measures = false;
  FastRun search(options);
  EXPECT_EQ(choose(kitchen, search), "slow");
  EXPECT_EQ(runs_of_slow, 0);
  store->kept.begin()->second = {{"quick", 1.0}};
  FastRun again(options);
  EXPECT_EQ(choose(kitchen, again), "quick");
}

TEST_F(FastRunTest, StopsMeasuringWhenItsTimeIsOver) {
  const Kitchen kitchen({slow_, quick_});
  FastRunOptions options;
  options.seconds = 0.0;
  FastRun search(options);
  EXPECT_EQ(choose(kitchen, search), "slow");
  EXPECT_EQ(runs_of_slow, 0);
}

TEST_F(FastRunTest, SharesWhatItMeasuredAtOneBatch) {
  const auto store = std::make_shared<MemoryStore>();
  const Kitchen kitchen({slow_, quick_});
  FastRunOptions options;
  options.store = store;
  options.shared_batch = 4;
  FastRun search(options);
  choose(kitchen, search);
  problem_.inputs = problem_.outputs = {f32({2, 8})};
  choose(kitchen, search);
  ASSERT_EQ(store->kept.size(), 1u);
  EXPECT_NE(store->kept.begin()->first.find("{4,8}"), std::string::npos);
}

TEST_F(FastRunTest, TellsHowFarItIs) {
  const Kitchen kitchen({slow_, quick_});
  std::vector<SearchProgress> calls;
  FastRunOptions options;
  options.on_progress = [&](const SearchProgress& progress) { calls.push_back(progress); };
  FastRun search(options);
  search.expect(3);
  choose(kitchen, search);
  ASSERT_EQ(calls.size(), 2u);
  EXPECT_EQ(calls[0].done, 0u);
  EXPECT_EQ(calls[0].total, 3u);
  EXPECT_EQ(calls[0].op, "toy_affine");
  EXPECT_EQ(calls[1].kernel, "quick");
}

std::unique_ptr<Executable> too_late(const Problem&, const Demands&) {
  throw Error(StatusCode::unsupported, "the library has no plan for it");
}

// Of a graph of one operator, by the first kernel that accepts.
std::shared_ptr<const Plan> plan_for(const Backend& backend, const Demands& demands = {}) {
  Graph graph;
  const ValueId x = graph.add_input("x", f32({1, 8}));
  graph.add_output(graph.add(make_op<toy::Affine>(2.0f, 1.0f), {x}), "y");
  FirstAccepting chooser;
  PlanOptions options;
  options.backends = {&backend};
  options.chooser = &chooser;
  options.demands = demands;
  return make_plan(graph, options);
}

TEST_F(FastRunTest, ThePlanPassesOverAKernelThatFindsOutLate) {
  const Kitchen kitchen({{"late", toy::anything, too_late}, quick_});
  const auto plan = plan_for(kitchen);
  EXPECT_EQ(plan->steps[0].info.kernel, "quick");
  EXPECT_EQ(plan->steps[0].info.candidates[0].refusal, "the library has no plan for it");
}

// The plan asks again when the chosen kernel turns out to want more than it may have.
TEST_F(FastRunTest, ThePlanKeepsToTheWorkspaceLimit) {
  const Kitchen kitchen({{"hungry", toy::anything, make<Hungry>}, quick_});
  EXPECT_EQ(plan_for(kitchen)->steps[0].info.kernel, "hungry");
  Demands demands;
  demands.workspace_limit = 1000;
  const auto plan = plan_for(kitchen, demands);
  EXPECT_EQ(plan->steps[0].info.kernel, "quick");
  EXPECT_EQ(plan->steps[0].info.candidates[0].refusal,
            "it needs 1048576 bytes of workspace, more than the limit of 1000");
}

}  // namespace
}  // namespace octet
