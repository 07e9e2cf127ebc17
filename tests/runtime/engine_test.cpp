#include "runtime/engine.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "toy.hpp"

namespace octet {
namespace {

using toy::Add;
using toy::Affine;
using toy::f32;

// y = 2x + 1, z = y + y, for x with 3 columns and any number of rows.
Graph two_step_graph() {
  Graph graph;
  const ValueId x = graph.add_input("x", f32({1, 3}));
  const ValueId y = graph.add(make_op<Affine>(2.0f, 1.0f, 3), {x});
  graph.add_output(y, "y");
  graph.add_output(graph.add(make_op<Add>(), {y, y}), "z");
  return graph;
}

class EngineTest : public testing::Test {
 protected:
  EngineTest() {
    options_.plan.backends = {&toy::backend()};
    options_.plan.chooser = &chooser_;
  }
  Engine make() { return Engine(two_step_graph(), options_); }

  static Tensor rows(std::int64_t n, float value) {
    Tensor tensor(f32({n, 3}));
    std::fill_n(tensor.mutable_values<float>().begin(), 3 * n, value);
    return tensor;
  }
  static Status failure(Engine& engine, const NamedTensors& inputs) {
    NamedTensors outputs;
    try {
      engine.run(inputs, outputs);
    } catch (const Error& error) {
      return error.status();
    }
    return {};
  }

  FirstAccepting chooser_;
  EngineOptions options_;
};

TEST_F(EngineTest, GivesTheOutputsInTheModelsOrder) {
  Engine engine = make();
  NamedTensors outputs;
  engine.run({{"x", rows(1, 4.0f)}}, outputs);
  ASSERT_EQ(outputs.size(), 2u);
  EXPECT_EQ(outputs[0].name, "y");
  EXPECT_EQ(outputs[0].tensor.values<float>()[2], 9.0f);
  EXPECT_EQ(outputs[1].name, "z");
  EXPECT_EQ(outputs[1].tensor.values<float>()[0], 18.0f);
}

TEST_F(EngineTest, FollowsTheShapeOfTheInput) {
  Engine engine = make();
  NamedTensors outputs;
  for (const std::int64_t n : {1, 5, 2}) {
    engine.run({{"x", rows(n, 1.0f)}}, outputs);
    EXPECT_EQ(outputs[0].tensor.shape(), (Shape{n, 3}));
    EXPECT_EQ(outputs[1].tensor.values<float>().back(), 6.0f);
  }
}

TEST_F(EngineTest, ReusesTheCallersOutputs) {
  Engine engine = make();
  NamedTensors outputs;
  engine.run({{"x", rows(1, 1.0f)}}, outputs);
  const std::byte* before = outputs[0].tensor.data();
  engine.run({{"x", rows(1, 2.0f)}}, outputs);
  EXPECT_EQ(outputs[0].tensor.data(), before);
  EXPECT_EQ(outputs[0].tensor.values<float>()[0], 5.0f);
}

TEST_F(EngineTest, KeepsTheRecentlyUsedPlans) {
  options_.plan_cache_size = 2;
  Engine engine = make();
  const auto contexts = [&](std::int64_t n) {
    return engine.contexts_for(std::vector{Shape{n, 3}});
  };
  const auto one = contexts(1), two = contexts(2);
  EXPECT_EQ(contexts(1), one);
  const auto three = contexts(3);  // drops the plan for 2
  EXPECT_EQ(contexts(1), one);
  EXPECT_NE(contexts(2), two);
  EXPECT_NE(contexts(3), three);
}

TEST_F(EngineTest, NamesBothSidesOfWhatDoesNotFit) {
  Engine engine = make();
  EXPECT_EQ(failure(engine, {}).message(),
            "the model needs a tensor for its input \"x\", f32{1,3}, and none was given");
  EXPECT_EQ(failure(engine, {{"x", rows(1, 0)}, {"w", rows(1, 0)}}).message(),
            "the model has no input \"w\"; its inputs are \"x\"");
  const Status dtype = failure(engine, {{"x", Tensor({DType::s8, {1, 3}, kNCHW, {}})}});
  EXPECT_EQ(dtype.code(), StatusCode::invalid_input);
  EXPECT_EQ(dtype.message(), "the model takes f32{1,3}, the given tensor is s8{1,3}");
  EXPECT_EQ(dtype.where(), "input \"x\"");
  const Status shape = failure(engine, {{"x", Tensor(f32({1, 4}))}});
  EXPECT_EQ(shape.code(), StatusCode::invalid_input);
  EXPECT_EQ(shape.message(),
            "the model, made for input {1,3}, cannot take {1,4}: x has 4 columns, not 3");
  EXPECT_EQ(failure(engine, {{"x", Tensor()}}).code(), StatusCode::invalid_input);
}

TEST_F(EngineTest, CanHoldOnToTheShapesOfTheFile) {
  options_.fixed_shapes = true;
  Engine engine = make();
  EXPECT_TRUE(failure(engine, {{"x", rows(1, 0)}}).ok());
  EXPECT_EQ(failure(engine, {{"x", rows(2, 0)}}).message(),
            "the shapes are fixed to {1,3}, the input has {2,3}");
}

TEST_F(EngineTest, RunsThePassesOnceForEveryPlan) {
  int runs = 0;
  options_.pipeline = {{"count", [&](Graph&) { ++runs; }}};
  Engine engine = make();
  NamedTensors outputs;
  for (const std::int64_t n : {1, 1, 2, 2, 1}) engine.run({{"x", rows(n, 0)}}, outputs);
  EXPECT_EQ(runs, 2);
}

TEST_F(EngineTest, ManyThreadsGetTheBitsOfOne) {
  constexpr int kThreads = 16, kRuns = 200;
  Engine engine = make();
  std::vector<int> wrong(kThreads, 0);
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < kThreads; ++t)
      threads.emplace_back([&, t] {
        NamedTensors outputs;
        for (int i = 0; i < kRuns; ++i) {
          const auto value = static_cast<float>(t * kRuns + i);
          engine.run({{"x", rows(1 + i % 3, value)}}, outputs);
          const float expected = 2.0f * (2.0f * value + 1.0f);
          for (const float v : outputs[1].tensor.values<float>())
            if (v != expected) ++wrong[static_cast<std::size_t>(t)];
        }
      });
  }
  EXPECT_EQ(wrong, std::vector<int>(kThreads, 0));
}

}  // namespace
}  // namespace octet
