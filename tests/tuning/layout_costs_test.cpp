// Layouts by measured times, from the graph to the run, on a backend with a clock of its own.
#include "tuning/layout_costs.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/hash.hpp"
#include "ops/conv.hpp"
#include "ops/convert.hpp"
#include "ops/pool.hpp"
#include "passes/choose_layouts.hpp"
#include "passes/cuda_layouts.hpp"
#include "passes/pipelines.hpp"
#include "runtime/engine.hpp"
#include "runtime/toy.hpp"
#include "support/random_case.hpp"
#include "tuning/scripted_backend.hpp"

namespace octet::testing {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();

class MemoryStore final : public TuningStore {
 public:
  KernelTimes load(const TuningKey& key) override { return kept[key.problem]; }
  void save(const TuningKey& key, const KernelTimes& times) override { kept[key.problem] = times; }
  std::map<std::string, KernelTimes> kept;
};

// Three residual blocks of bytes and a mean over each channel.
Graph small_network() {
  Random random(7);
  Graph graph;
  const Quant quant = Quant::per_tensor(0.05f);
  const auto conv = [&](ValueId x, std::int64_t k, ValueId z) {
    Conv2d op;
    op.window.pad = {1, 1, 1, 1};
    op.output = {DType::s8, Quant::per_tensor(0.5f)};
    const std::int64_t c = graph.type(x).shape[1];
    const ValueId w = graph.add_constant(
        random_tensor(random, {DType::s8, {k, c, 3, 3}, kNCHW, Quant::per_tensor(0.01f)}));
    if (z == kNoValue) return graph.add(make_op<Conv2d>(op), {x, w});
    return graph.add(make_op<Conv2d>(op), {x, w, kNoValue, z});
  };
  ValueId x = graph.add_input("x", {DType::s8, {2, 3, 7, 7}, kNCHW, quant});
  x = conv(x, 32, kNoValue);
  for (int block = 0; block < 3; ++block) x = conv(conv(x, 32, kNoValue), 32, x);
  Pool2d pool;
  pool.global = true;
  pool.mode = PoolMode::average;
  graph.add_output(graph.add(make_op<Pool2d>(pool), {x}), "y");
  return graph;
}

// Everything that a session would have.
struct Trial {
  Trial(ScriptedBackend::Script script, std::shared_ptr<TuningStore> store, bool measures = true,
        double alternatives_ms = 1e9)
      : backend(std::move(script)), search(fast_run_options(std::move(store), measures)) {
    options.plan.backends = {&backend};
    options.plan.chooser = &search;
    options.pipeline = cuda_pipeline();
    as_before = options.pipeline;
    const auto costs = std::make_shared<LayoutCosts>(
        search, LayoutSetting{options.plan.backends, {}, {}, alternatives_ms});
    options.pipeline.push_back(choose_layouts_pass(cuda_layout_policies(), costs, costs));
  }

  static FastRunOptions fast_run_options(std::shared_ptr<TuningStore> store, bool measures) {
    FastRunOptions options;
    options.measures = measures;
    options.store = std::move(store);
    return options;
  }

  // The plan, its outputs for random inputs and how long they took.
  struct Outcome {
    PlanInfo plan;
    std::vector<std::byte> bytes;
    double ms = 0.0;
  };
  Outcome run(Pipeline pipeline) {
    EngineOptions with = options;
    with.pipeline = std::move(pipeline);
    Engine engine(small_network(), with);
    const std::vector<Shape> shapes{engine.inputs()[0].type.shape};
    Outcome outcome;
    outcome.plan = engine.contexts_for(shapes)->shared_plan()->describe();
    Random random(3);
    const NamedTensors inputs{{"x", random_tensor(random, engine.inputs()[0].type)}};
    const double start = ScriptedBackend::clock_ms();
    NamedTensors outputs;
    engine.run(inputs, outputs);
    outcome.ms = ScriptedBackend::clock_ms() - start;
    const auto bytes = outputs[0].tensor.values<std::byte>();
    outcome.bytes.assign(bytes.begin(), bytes.end());
    return outcome;
  }
  Outcome run() { return run(options.pipeline); }

  ScriptedBackend backend;
  FastRun search;
  EngineOptions options;
  Pipeline as_before;
};

bool is_conv(const Problem& problem) { return problem.as<Conv2d>() != nullptr; }

double wide_likes_nchw32(const Problem& problem) {
  if (problem.as<Relayout>() != nullptr) return 0.5;
  if (!is_conv(problem)) return 1.0;
  const Layout& in = problem.inputs[0].layout;
  return in == kNCHW ? kNever : in == kNCHW32 ? 2.0 : 4.0;
}

// Between 1 and 9 by kind, shapes and layouts, relayouts below 2; one in twelve is not to be had.
ScriptedBackend::Script random_times(std::uint64_t seed) {
  return [seed](const Problem& problem) {
    std::string text(problem.op->kind());
    for (const auto* types : {&problem.inputs, &problem.outputs})
      for (const TensorType& type : *types)
        text += concat(' ', type.shape.to_string(), to_string(type.layout));
    const std::uint64_t hash = hash_text(text, seed);
    const double part = static_cast<double>(hash % 1000) / 1000.0;
    if (problem.as<Relayout>() != nullptr) return 0.1 + 1.9 * part;
    return hash / 1000 % 12 == 0 ? kNever : 1.0 + 8.0 * part;
  };
}

std::size_t convs_in(const PlanInfo& plan, const Layout& layout) {
  return static_cast<std::size_t>(
      std::count_if(plan.steps.begin(), plan.steps.end(), [&](const StepInfo& step) {
        return step.op == Conv2d::kKind && step.outputs[0].type.layout == layout;
      }));
}

std::vector<std::string> problems(const PlanInfo& plan) {
  std::vector<std::string> texts;
  for (const StepInfo& step : plan.steps) texts.push_back(step.problem);
  return texts;
}

TEST(LayoutsByTime, MovesWhatIsFasterAndKeepsTheBits) {
  Trial trial(wide_likes_nchw32, nullptr);
  const Trial::Outcome before = trial.run(trial.as_before), now = trial.run();
  EXPECT_EQ(now.bytes, before.bytes);
  EXPECT_EQ(convs_in(before.plan, kNHWC4), 7u);
  // The first one reads NCHW4, and writes what the six others gain 2 each by.
  EXPECT_EQ(convs_in(now.plan, kNCHW32), 7u);
  EXPECT_NEAR(now.ms, before.ms - 6 * 2.0, 1e-9);
}

TEST(LayoutsByTime, PlansTellTheLayoutsThatWereOpen) {
  Trial trial(wide_likes_nchw32, nullptr);
  const PlanInfo plan = trial.run().plan;
  for (const StepInfo& step : plan.steps) {
    if (step.op != Conv2d::kKind) continue;
    ASSERT_GE(step.layouts.size(), 2u) << step.problem;
    EXPECT_TRUE(step.layouts[0].layout.ends_with(to_string(step.outputs[0].type.layout)));
    ASSERT_TRUE(step.layouts[0].milliseconds);
    EXPECT_FALSE(step.layouts[0].is_bound);
  }
}

TEST(LayoutsByTime, NeverMakesARunSlower) {
  int faster = 0;
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    Trial trial(random_times(seed), nullptr);
    const Trial::Outcome before = trial.run(trial.as_before), now = trial.run();
    EXPECT_EQ(now.bytes, before.bytes) << "seed " << seed;
    EXPECT_LE(now.ms, before.ms + 1e-9) << "seed " << seed;
    faster += now.ms < before.ms - 1e-9;
  }
  EXPECT_GT(faster, 10);
}

TEST(LayoutsByTime, MeasuresNothingThatTheStoreKnows) {
  const auto store = std::make_shared<MemoryStore>();
  Trial first(wide_likes_nchw32, store);
  const PlanInfo plan = first.run().plan;
  EXPECT_EQ(std::count_if(store->kept.begin(), store->kept.end(),
                          [](const auto& entry) {
                            return entry.first.starts_with("layouts of graph ") &&
                                   entry.second.size() == 1;
                          }),
            1);
  for (const bool measures : {true, false}) {
    Trial second(wide_likes_nchw32, store, measures);
    const PlanInfo again = second.run().plan;
    EXPECT_EQ(ScriptedBackend::prepared(), static_cast<int>(again.steps.size()));
    EXPECT_EQ(problems(again), problems(plan));
    for (const StepInfo& step : again.steps)
      EXPECT_EQ(step.layouts.empty(), step.op != Conv2d::kKind && step.op != Pool2d::kKind);
  }
}

TEST(LayoutsByTime, WithoutMeasuringKeepsTheLayoutsOfThePipeline) {
  Trial trial(wide_likes_nchw32, std::make_shared<MemoryStore>(), false);
  const Trial::Outcome outcome = trial.run();
  EXPECT_EQ(ScriptedBackend::prepared(), static_cast<int>(outcome.plan.steps.size()));
  EXPECT_EQ(problems(outcome.plan), problems(trial.run(trial.as_before).plan));
}

TEST(LayoutsByTime, LooksAtNoAlternativeWhenTheTimeForThemIsOver) {
  Trial trial(wide_likes_nchw32, nullptr, true, 0.0);
  EXPECT_EQ(convs_in(trial.run().plan, kNHWC4), 7u);
}

// One row for each case, on a device whose peaks are known.
class Peaky final : public HostBackend {
 public:
  explicit Peaky(std::vector<Kernel> kernels) : kernels_(std::move(kernels)) {}
  std::string_view name() const noexcept override { return "peaky"; }
  std::span<const Kernel> kernels(std::string_view) const override { return kernels_; }
  DevicePeaks peaks() const override { return {1e9, 1e9}; }
  std::size_t cache_bytes() const override { return 4096; }

 private:
  std::vector<Kernel> kernels_;
};

double estimate_80us(const Problem&) { return 80.0; }
double estimate_20us(const Problem&) { return 20.0; }

ProblemTime unmeasured_time(std::vector<Kernel> kernels, const Problem& problem) {
  const Peaky backend(std::move(kernels));
  FastRun search;
  return LayoutCosts(search, {{&backend}, {}, {}}).time(problem);
}

TEST(LayoutCosts, BoundsWhatWasNotMeasured) {
  const Kernel eighty{"eighty", toy::anything, nullptr, estimate_80us},
      twenty{"twenty", toy::anything, nullptr, estimate_20us},
      plain{"plain", toy::anything, nullptr}, naive{"naive", toy::anything, nullptr, nullptr, true};
  Problem small;
  small.op = make_op<toy::Affine>(2.0f, 1.0f);
  small.inputs = small.outputs = {toy::f32({1, 8})};
  small.constants = {nullptr};
  small.present = {true};
  Problem large = small;
  large.inputs = large.outputs = {toy::f32({1, 1000})};

  // Half of the cheapest estimate, or of the time that 8000 bytes take from the memory.
  EXPECT_DOUBLE_EQ(unmeasured_time({eighty, twenty}, small).milliseconds, 0.010);
  EXPECT_DOUBLE_EQ(unmeasured_time({plain}, small).milliseconds, 0.0);
  EXPECT_DOUBLE_EQ(unmeasured_time({plain}, large).milliseconds, 0.004);
  EXPECT_DOUBLE_EQ(unmeasured_time({eighty}, large).milliseconds, 0.040);
  EXPECT_FALSE(unmeasured_time({eighty}, large).measured);
  // There so that everything runs: said so, or beside rows that estimate.
  EXPECT_EQ(unmeasured_time({naive}, small).milliseconds, kNever);
  Kernel refusing = eighty;
  refusing.check = [](const Problem&, const Demands&) { return Verdict::refuse("no"); };
  EXPECT_EQ(unmeasured_time({refusing, plain}, small).milliseconds, kNever);
}

}  // namespace
}  // namespace octet::testing
