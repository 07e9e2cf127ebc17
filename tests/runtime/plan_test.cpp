#include "runtime/plan.hpp"

#include <gtest/gtest.h>

#include <random>

#include "runtime/run_context.hpp"
#include "toy.hpp"

namespace octet {
namespace {

using toy::Add;
using toy::Affine;
using toy::f32;

PlanOptions toy_options(KernelChooser& chooser) {
  PlanOptions options;
  options.backends = {&toy::backend()};
  options.chooser = &chooser;
  return options;
}

std::shared_ptr<const Plan> plan_of(const Graph& graph, bool reuse = true,
                                    std::vector<std::string> skip = {}) {
  FirstAccepting chooser;
  PlanOptions options = toy_options(chooser);
  options.reuse_memory = reuse;
  options.skip_kernels = std::move(skip);
  return make_plan(graph, options);
}

std::vector<float> run(const std::shared_ptr<const Plan>& plan, const std::vector<Tensor>& inputs,
                       std::size_t output = 0) {
  RunContext context(plan);
  for (std::size_t i = 0; i < inputs.size(); ++i) context.set_input(i, inputs[i]);
  context.launch();
  NamedTensors results;
  context.read_outputs(results);
  const auto values = results[output].tensor.values<float>();
  return {values.begin(), values.end()};
}

Tensor row(std::vector<float> values) {
  return Tensor::from<float>(f32({static_cast<std::int64_t>(values.size())}), values);
}

TEST(Plan, RunsAChainInOneBuffer) {
  Graph graph;
  ValueId x = graph.add_input("x", f32({100}));
  for (int i = 0; i < 10; ++i) x = graph.add(make_op<Affine>(2.0f, 1.0f), {x});
  graph.add_output(x, "y");
  const auto plan = plan_of(graph);
  // One value and one workspace at a time, against ten of each.
  EXPECT_EQ(plan->arena_bytes, 448u + 192u);
  EXPECT_EQ(plan_of(graph, false)->arena_bytes, 10u * (448u + 192u));
  EXPECT_EQ(run(plan, {row(std::vector<float>(100, 1.0f))}), std::vector<float>(100, 2047.0f));
}

TEST(Plan, NeverOverwritesTheCallersInput) {
  Graph graph;
  const ValueId x = graph.add_input("x", f32({3}));
  graph.add_output(graph.add(make_op<Affine>(2.0f, 0.0f), {x}), "y");
  const Tensor input = row({1, 2, 3});
  EXPECT_EQ(run(plan_of(graph), {input}), (std::vector<float>{2, 4, 6}));
  EXPECT_EQ(input.values<float>()[2], 3.0f);
}

TEST(Plan, AcceptsAnInputThatIsNotAligned) {
  Graph graph;
  const ValueId x = graph.add_input("x", f32({3}));
  graph.add_output(graph.add(make_op<Affine>(2.0f, 0.0f), {x}), "y");
  const Tensor storage = row({0, 1, 2, 3});
  const Tensor input(f32({3}), std::make_shared<Tensor>(storage), storage.data() + sizeof(float));
  EXPECT_EQ(run(plan_of(graph), {input}), (std::vector<float>{2, 4, 6}));
}

TEST(Plan, OutputsMayBeInputsAndConstants) {
  Graph graph;
  const ValueId x = graph.add_input("x", f32({2}));
  graph.add_output(x, "same");
  graph.add_output(graph.add_constant(row({5, 6})), "fixed");
  const auto plan = plan_of(graph);
  EXPECT_EQ(plan->steps.size(), 0u);
  EXPECT_EQ(run(plan, {row({1, 2})}, 0), (std::vector<float>{1, 2}));
  EXPECT_EQ(run(plan, {row({1, 2})}, 1), (std::vector<float>{5, 6}));
}

TEST(Plan, SkipsWhatIsKnownBeforeTheRun) {
  Graph graph;
  const ValueId x = graph.add_input("x", f32({2}));
  const ValueId known = graph.add(make_op<Affine>(10.0f, 0.0f), {graph.add_constant(row({1, 2}))});
  graph.add_output(graph.add(make_op<Add>(), {x, known}), "y");
  const auto plan = plan_of(graph);
  ASSERT_EQ(plan->steps.size(), 1u);
  EXPECT_EQ(run(plan, {row({1, 1})}), (std::vector<float>{11, 21}));
}

TEST(Plan, KeepsOnlyTheConstantsThatKernelsRead) {
  for (const std::int64_t n : {4, 8}) {  // "toy_small" packs its constants, "toy_any" reads them
    Graph graph;
    const ValueId x = graph.add_input("x", f32({n}));
    const ValueId c = graph.add_constant(Tensor(f32({n})));
    graph.add_output(graph.add(make_op<Add>(), {x, c}), "y");
    EXPECT_EQ(plan_of(graph)->constant_bytes, n == 4 ? 0u : 32u);
  }
}

TEST(Plan, TakesTheFirstKernelThatAcceptsAndKeepsTheReasons) {
  Graph graph;
  const ValueId x = graph.add_input("x", f32({8}));
  graph.add_output(graph.add(make_op<Affine>(1.0f, 0.0f), {x}, "scale"), "y");
  const PlanInfo info = plan_of(graph)->describe();
  ASSERT_EQ(info.steps.size(), 1u);
  const StepInfo& step = info.steps[0];
  EXPECT_EQ(step.name, "scale");
  EXPECT_EQ(step.kernel, "toy_any");
  ASSERT_EQ(step.candidates.size(), 2u);
  EXPECT_EQ(step.candidates[0].refusal, "x has more than 4 elements");
  EXPECT_EQ(step.candidates[1].refusal, "");
  EXPECT_EQ(step.problem, "toy_affine factor=1 offset=0 in=f32{8} out=f32{8}");
  EXPECT_EQ(step.bytes, 64);
}

TEST(Plan, NamesTheNodeThatNoKernelRuns) {
  Graph graph;
  const ValueId x = graph.add_input("x", f32({8}));
  graph.add_output(graph.add(make_op<Affine>(1.0f, 0.0f), {x}, "scale"), "y");
  try {
    plan_of(graph, true, {"toy_a*"});
    FAIL() << "a plan was made without a kernel";
  } catch (const Error& error) {
    EXPECT_EQ(error.status().code(), StatusCode::unsupported);
    EXPECT_EQ(error.status().where(), "toy_affine \"scale\"");
    EXPECT_EQ(error.status().message(),
              "no kernel runs toy_affine factor=1 offset=0 in=f32{8} out=f32{8}: toy_small: x has "
              "more than 4 elements; toy_any: it was asked to be skipped");
  }
}

// A random graph in which most values are read more than once, evaluated without any reuse.
struct RandomGraph {
  Graph graph;
  std::vector<Tensor> inputs;

  explicit RandomGraph(unsigned seed) {
    std::mt19937 random(seed);
    const auto n = static_cast<std::int64_t>(1 + random() % 40);
    std::vector<ValueId> values;
    for (int i = 0; i < 2; ++i) {
      values.push_back(graph.add_input(concat("x", i), f32({n})));
      std::vector<float> content(static_cast<std::size_t>(n));
      for (float& v : content) v = static_cast<float>(random() % 16);
      inputs.push_back(row(std::move(content)));
    }
    values.push_back(
        graph.add_constant(row(std::vector<float>(static_cast<std::size_t>(n), 3.0f))));
    const auto pick = [&] {
      return values[values.size() - 1 - random() % std::min<std::size_t>(values.size(), 5)];
    };
    for (int i = 0; i < 25; ++i)
      values.push_back(random() % 2 == 0 ? graph.add(make_op<Add>(), {pick(), pick()})
                                         : graph.add(make_op<Affine>(0.5f, 1.0f), {pick()}));
    for (int i = 0; i < 3; ++i) graph.add_output(pick(), concat("y", i));
    graph.compact();
  }
};

TEST(Plan, ReuseAndOverwritingNeverChangeResultsInRandomGraphs) {
  for (unsigned seed = 0; seed < 200; ++seed) {
    const RandomGraph random(seed);
    const auto tight = plan_of(random.graph, true), loose = plan_of(random.graph, false);
    ASSERT_LE(tight->arena_bytes, loose->arena_bytes);
    for (std::size_t o = 0; o < 3; ++o)
      ASSERT_EQ(run(tight, random.inputs, o), run(loose, random.inputs, o)) << "seed " << seed;
  }
}

}  // namespace
}  // namespace octet
