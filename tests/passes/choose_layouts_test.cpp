// The choice of layouts by time, with times that the test makes up.
#include "passes/choose_layouts.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "base/hash.hpp"
#include "base/random.hpp"
#include "ops/convert.hpp"
#include "ops/pool.hpp"
#include "passes/builders.hpp"
#include "passes/cuda_layouts.hpp"
#include "passes/layout_network.hpp"
#include "passes/layout_search.hpp"
#include "passes/layout_text.hpp"
#include "passes/pipelines.hpp"

namespace octet::testing {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();

// Times by a function of the problem. Bounds are a part of the truth.
class MadeUpCosts final : public CostSource {
 public:
  using Script = std::function<double(const Problem&)>;
  explicit MadeUpCosts(Script script, double trust = 0.5)
      : script_(std::move(script)), trust_(trust) {}

  bool measures() const override { return may_measure; }
  std::string key(const Problem& problem) const override { return problem.text(); }
  ProblemTime time(const Problem& problem) override {
    const double truth = script_(problem);
    if (known_.contains(problem.text()) || std::isinf(truth)) return {truth, true};
    return {trust_ * truth, false};
  }
  ProblemTime measure(const Problem& problem, double worth) override {
    if (std::isfinite(worth) && alternatives_left-- <= 0) return time(problem);
    ++measurements;
    known_[problem.text()] = true;
    return time(problem);
  }

  bool may_measure = true;
  int measurements = 0;
  int alternatives_left = 1 << 20;

 private:
  Script script_;
  double trust_;
  std::map<std::string, bool> known_;
};

class MadeUpMemory final : public LayoutMemory {
 public:
  std::string recall(const std::string& question) override {
    return answers.contains(question) ? answers[question] : std::string();
  }
  void remember(const std::string& question, const std::string& answer, double) override {
    answers[question] = answer;
  }
  void note(const Problem& problem, std::vector<LayoutInfo> layouts) override {
    notes[problem.text()] = std::move(layouts);
  }

  std::map<std::string, std::string> answers;
  std::map<std::string, std::vector<LayoutInfo>> notes;
};

Layout layout_of(const Problem& problem) { return problem.outputs[0].layout; }
bool is_conv(const Problem& problem) { return problem.as<Conv2d>() != nullptr; }

// The same for every layout but the default one, which only slow kernels take; relayouts are dear.
double all_alike(const Problem& problem) {
  if (problem.as<Relayout>() != nullptr) return 5.0;
  return layout_of(problem) == kNCHW ? kNever : 1.0;
}

// Between 1 and 9, by the problem's text and the seed. Conversions are cheaper.
MadeUpCosts::Script random_times(std::uint64_t seed) {
  return [seed](const Problem& problem) {
    const double part = static_cast<double>(hash_text(problem.text(), seed) % 1000) / 1000.0;
    return problem.as<Relayout>() != nullptr ? 0.2 + 2.0 * part : 1.0 + 8.0 * part;
  };
}

struct ChooseLayouts : ::testing::Test {
  // Two residual blocks, a pool, and a residual of a convolution beside it; quantised from f32.
  ChooseLayouts() {
    const ValueId image = g.input(DType::f32, {2, 3, 12, 12});
    Convert quantise;
    quantise.output = s8(0.05f);
    ValueId x = g.conv(g.graph.add(make_op<Convert>(quantise), {image}), 32, 3);
    Pool2d pool;
    pool.kernel = {2, 2};
    pool.window.stride = {2, 2};
    x = g.graph.add(make_op<Pool2d>(pool), {x});
    for (int block = 0; block < 2; ++block) {
      const ValueId inner = g.conv(g.conv(x, 32, 3), 32, 3, 40.0f);
      x = g.elementwise(ElementwiseMode::add_relu, {inner, x}, s8(40.0f));
    }
    g.output(x);
    run_pipeline(cuda_pipeline(), g.graph);
  }

  Pass pass() { return choose_layouts_pass(cuda_layout_policies(), costs_, memory_); }
  void set_times(MadeUpCosts::Script script, double trust = 0.5) {
    costs_ = std::make_shared<MadeUpCosts>(std::move(script), trust);
  }
  std::size_t convs_in(const Graph& graph, const Layout& layout) {
    std::size_t count = 0;
    for (const NodeId id : graph.order())
      if (graph.node(id).as<Conv2d>() != nullptr)
        count += graph.type(graph.node(id).outputs[0]).layout == layout;
    return count;
  }

  GraphMaker g;
  std::shared_ptr<MadeUpCosts> costs_ = std::make_shared<MadeUpCosts>(all_alike);
  std::shared_ptr<MadeUpMemory> memory_ = std::make_shared<MadeUpMemory>();
};

TEST_F(ChooseLayouts, KeepsTheGraphWhereNothingIsFaster) {
  const Graph graph = expect_same_results(g.graph, {pass()});
  EXPECT_EQ(to_text(graph), to_text(g.graph));
}

TEST_F(ChooseLayouts, MovesAllOfItWhereAnotherLayoutIsFaster) {
  set_times([](const Problem& p) { return all_alike(p) * (layout_of(p) == kNCHW4 ? 0.5 : 1.0); });
  const Graph graph = expect_same_results(g.graph, {pass()});
  EXPECT_EQ(convs_in(graph, kNCHW4), 5u) << to_text(graph);
  // One at the end, as before.
  EXPECT_EQ(count(graph, Relayout::kKind), count(g.graph, Relayout::kKind));
}

TEST_F(ChooseLayouts, MovesOnlyWhatGainsMoreThanItsRelayouts) {
  // The first layer, which reads 3 channels, likes CHWN4; a relayout has to follow it.
  const auto times = [](double first_layer) {
    return [first_layer](const Problem& p) {
      const bool is_first = is_conv(p) && p.inputs[0].shape[1] == 3;
      if (is_first) return layout_of(p) == kCHWN4 ? first_layer : 10.0;
      return is_conv(p) && layout_of(p) == kCHWN4 ? 20.0 : all_alike(p);
    };
  };
  set_times(times(6.0));
  EXPECT_EQ(convs_in(expect_same_results(g.graph, {pass()}), kCHWN4), 0u);
  memory_->answers.clear();
  set_times(times(4.0));
  const Graph graph = expect_same_results(g.graph, {pass()});
  EXPECT_EQ(convs_in(graph, kCHWN4), 1u);
  EXPECT_EQ(convs_in(graph, kNHWC4), 4u);
}

TEST_F(ChooseLayouts, StaysForLessThanTheScatterOfMeasurements) {
  set_times([](const Problem& p) { return all_alike(p) * (layout_of(p) == kNCHW4 ? 0.99 : 1.0); });
  EXPECT_EQ(convs_in(expect_same_results(g.graph, {pass()}), kNHWC4), 5u);
}

TEST_F(ChooseLayouts, LeavesALayoutThatOnlySlowKernelsRun) {
  set_times([](const Problem& p) {
    return is_conv(p) && layout_of(p) == kNHWC4 ? kNever : all_alike(p);
  });
  EXPECT_EQ(convs_in(expect_same_results(g.graph, {pass()}), kNHWC4), 0u);
}

// With random times, what is found is as good as with all times known from the start, and no
// worse than the graph as it is; bounds save measurements.
TEST_F(ChooseLayouts, MeasuringOnlyWhatMattersFindsTheSame) {
  const auto policies = cuda_layout_policies();
  const auto choices = layout_choices(g.graph, policies);
  ASSERT_EQ(choices.size(), 7u);
  int lazy_measurements = 0, all_measurements = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    MadeUpCosts lazy(random_times(seed), 0.7), eager(random_times(seed), 1.0);
    const auto found = search_layouts(g.graph, choices, lazy);
    const auto best = search_layouts(g.graph, choices, eager);
    ASSERT_TRUE(found && best);
    EXPECT_TRUE(found->is_exact);
    EXPECT_NEAR(found->milliseconds, best->milliseconds, 1e-9) << "seed " << seed;
    EXPECT_LE(found->milliseconds, found->before);
    EXPECT_EQ(found->before, best->before);
    lazy_measurements += lazy.measurements;
    ProblemTimes times(eager);
    LayoutNetwork(g.graph, choices, times);
    all_measurements += static_cast<int>(times.size());
  }
  EXPECT_LT(3 * lazy_measurements, 2 * all_measurements);
}

// Against trying out every option of every operator.
TEST_F(ChooseLayouts, FindsTheOptimumOfAllCombinations) {
  GraphMaker small;
  const ValueId x = small.input(DType::s8, {2, 32, 6, 6}, Quant::per_tensor(0.05f));
  const ValueId inner = small.conv(x, 32, 3, 40.0f);
  small.output(
      small.conv(small.elementwise(ElementwiseMode::add_relu, {inner, x}, s8(40.0f)), 32, 1));
  run_pipeline(cuda_pipeline(), small.graph);
  const auto policies = cuda_layout_policies();
  const auto choices = layout_choices(small.graph, policies);
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    MadeUpCosts costs(random_times(seed)), known(random_times(seed), 1.0);
    const auto found = search_layouts(small.graph, choices, costs);
    ASSERT_TRUE(found);
    ProblemTimes times(known);
    LayoutNetwork network(small.graph, choices, times);
    network.update_costs(1.02);
    double least = kNever;
    std::vector<std::size_t> options(choices.size(), 0);
    for (bool more = true; more;) {
      least = std::min(least, cost_of(network.problem(), network.steps_of(options)));
      std::size_t i = 0;
      while (i < options.size() && ++options[i] == choices[i].options.size()) options[i++] = 0;
      more = i < options.size();
    }
    EXPECT_NEAR(cost_of(network.problem(), network.steps_of(found->options)), least, 1e-9);
  }
}

TEST_F(ChooseLayouts, DoesNotTakeWhatMayNotBeMeasured) {
  set_times([](const Problem& p) { return all_alike(p) * (layout_of(p) == kNCHW4 ? 0.5 : 1.0); });
  costs_->alternatives_left = 2;
  EXPECT_EQ(convs_in(expect_same_results(g.graph, {pass()}), kNHWC4), 5u);
  set_times([](const Problem& p) { return all_alike(p) * (layout_of(p) == kNCHW4 ? 0.5 : 1.0); });
  memory_->answers.clear();
  costs_->may_measure = false;
  EXPECT_EQ(convs_in(expect_same_results(g.graph, {pass()}), kNHWC4), 5u);
  EXPECT_EQ(costs_->measurements, 0);
  EXPECT_TRUE(memory_->answers.empty());
}

TEST_F(ChooseLayouts, FollowsAnAnswerThatWasKept) {
  const auto times = [](const Problem& p) {
    return all_alike(p) * (layout_of(p) == kNCHW4 ? 0.5 : 1.0);
  };
  set_times(times);
  const Graph first = after({pass()}, g.graph);
  const int measured = costs_->measurements;
  const auto notes = memory_->notes;
  memory_->notes.clear();
  EXPECT_EQ(to_text(after({pass()}, g.graph)), to_text(first));
  EXPECT_EQ(costs_->measurements, measured);
  EXPECT_EQ(memory_->notes.size(), notes.size());
  // Without measuring as well.
  set_times(times);
  costs_->may_measure = false;
  EXPECT_EQ(to_text(after({pass()}, g.graph)), to_text(first));
}

TEST_F(ChooseLayouts, SearchesAnewWhereAnAnswerDoesNotFit) {
  set_times([](const Problem& p) { return all_alike(p) * (layout_of(p) == kNCHW4 ? 0.5 : 1.0); });
  const std::string good = to_text(after({pass()}, g.graph));
  ASSERT_EQ(memory_->answers.size(), 1u);
  std::string& answer = memory_->answers.begin()->second;
  const std::string kept = answer;
  for (const std::string& bad :
       {std::string("x"), kept + " NHWC4", kept.substr(0, kept.size() / 2), std::string(6, ' '),
        "NCHW64" + kept.substr(kept.find(' ')), "NCHW4=-1" + kept.substr(kept.find(' ')),
        "NCHW4=1e" + kept.substr(kept.find(' ')), "NCHW4=1," + kept.substr(kept.find(' '))}) {
    answer = bad;
    EXPECT_EQ(to_text(after({pass()}, g.graph)), good) << bad;
    EXPECT_EQ(answer, kept) << bad;
  }
}

// A kept answer that names a layout which no kernel takes (any more).
TEST_F(ChooseLayouts, DoesNotFollowAnAnswerThatNobodyRuns) {
  set_times([](const Problem& p) { return all_alike(p) * (layout_of(p) == kNCHW4 ? 0.5 : 1.0); });
  after({pass()}, g.graph);
  set_times([](const Problem& p) { return layout_of(p) == kNCHW4 ? kNever : all_alike(p); });
  EXPECT_EQ(convs_in(after({pass()}, g.graph), kNCHW4), 0u);
}

TEST_F(ChooseLayouts, TellsTheChosenLayoutAndTheNextBest) {
  set_times([](const Problem& p) {
    if (p.as<Relayout>() != nullptr) return 5.0;
    return layout_of(p) == kNCHW4 ? 1.0 : layout_of(p) == kNCHW32 ? 9.0 : 4.0;
  });
  const Graph graph = after({pass()}, g.graph);
  for (const NodeId id : graph.order()) {
    if (graph.node(id).as<Conv2d>() == nullptr) continue;
    const auto& layouts = memory_->notes.at(Problem::of(graph, id).text());
    ASSERT_GE(layouts.size(), 2u);
    EXPECT_EQ(layouts[0].layout, "NCHW4");
    EXPECT_EQ(layouts[0].milliseconds, 1.0);
    EXPECT_FALSE(layouts[0].is_bound);
    // What was never measured stands with half of the truth.
    for (std::size_t i = 1; i < layouts.size(); ++i)
      EXPECT_TRUE(layouts[i].is_bound || *layouts[i].milliseconds >= 4.0) << layouts[i].layout;
  }
}

TEST_F(ChooseLayouts, HasNothingToDoWithFloats) {
  GraphMaker floats;
  const ValueId x = floats.input(DType::f32, {1, 4, 5, 5});
  floats.output(floats.elementwise(ElementwiseMode::relu, {x}));
  const Graph graph = expect_same_results(floats.graph, {pass()});
  EXPECT_EQ(costs_->measurements, 0);
  EXPECT_EQ(to_text(graph), to_text(floats.graph));
}

TEST(LayoutChoices, AreWhatThePoliciesNameAndTheDefault) {
  GraphMaker g;
  const ValueId x = g.input(DType::s8, {2, 3, 9, 9}, Quant::per_tensor(0.05f));
  g.output(g.conv(g.conv(x, 32, 3), 32, 3));
  run_pipeline(cuda_pipeline(), g.graph);
  const auto policies = cuda_layout_policies();
  const auto choices = layout_choices(g.graph, policies);
  ASSERT_EQ(choices.size(), 2u);
  const auto names_of = [&](std::size_t i) {
    std::vector<std::string> names;
    for (const LayoutOption& option : choices[i].options) names.push_back(to_string(option));
    return join(names, " ");
  };
  EXPECT_EQ(names_of(0), "NHWC4 NCHW4 NCHW4-NCHW32 CHWN4 NCHW");
  EXPECT_EQ(names_of(1), "NHWC4 NCHW4 NCHW32 CHWN4 NCHW");
  EXPECT_EQ(choices[1].operands, std::vector<std::size_t>{0});
}

// Any assignment at all keeps the bits.
TEST_F(ChooseLayouts, RandomAssignmentsKeepTheBits) {
  const auto policies = cuda_layout_policies();
  const auto choices = layout_choices(g.graph, policies);
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    octet::Random random(seed);
    std::vector<std::size_t> options;
    for (const LayoutChoices& choice : choices)
      options.push_back(random.next() % choice.options.size());
    const auto assign = [&](Graph& graph) { apply_layouts(graph, choices, options); };
    expect_same_results(g.graph, {Pass{"assign", assign}});
  }
}

}  // namespace
}  // namespace octet::testing
