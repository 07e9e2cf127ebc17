// Sessions whose sub-graphs run by a nested plan: the same bits as without, whatever is asked.
#include <gtest/gtest.h>

#include <filesystem>
#include <octet/session.hpp>
#include <thread>

#include "api/model_impl.hpp"
#include "models/make_model.hpp"
#include "support/temporary_path.hpp"
#include "tiny_model.hpp"

namespace octet {
namespace {

Model small_model(std::string_view name, ModelStyle style = ModelStyle::mge) {
  ModelOptions options;
  options.image_size = 32;
  options.classes = 10;
  options.width = 0.125;
  options.style = style;
  return Model(std::make_shared<const Model::Impl>(make_model(name, options), std::string(name)));
}

Tensor pictures(std::int64_t batch) { return make_pictures(batch, 32, 77); }

// Every backend that works in host memory.
std::vector<std::string> host_backends() {
  std::vector<std::string> names;
  for (const BackendInfo& backend : backends())
    if (!backend.is_device && backend.unavailable.empty()) names.push_back(backend.name);
  return names;
}

SessionOptions native(const std::string& backend, std::size_t min_nodes = 1) {
  SessionOptions options;
  options.backend = backend;
  options.subgraph_engine = "native";
  options.subgraph_min_nodes = min_nodes;
  return options;
}

bool equal(const NamedTensors& a, const NamedTensors& b) {
  return std::ranges::equal(a, b, [](const NamedTensor& x, const NamedTensor& y) {
    return x.name == y.name && x.tensor.type() == y.tensor.type() &&
           std::ranges::equal(x.tensor.values<std::byte>(), y.tensor.values<std::byte>());
  });
}

NamedTensors plain(const Model& model, const std::string& backend, std::int64_t batch) {
  SessionOptions options;
  options.backend = backend;
  return Session::create(model, options).value().run({{"data", pictures(batch)}}).value();
}

TEST(SubgraphSession, GivesTheSameBitsOnEveryHostBackend) {
  for (const auto style : {ModelStyle::mge, ModelStyle::onnx}) {
    const Model model = small_model("resnet18", style);
    for (const std::string& backend : host_backends()) {
      SCOPED_TRACE(backend);
      const Session session = Session::create(model, native(backend)).value();
      // A new shape is planned and built anew.
      for (const std::int64_t batch : {1, 3, 1})
        EXPECT_TRUE(
            equal(session.run({{"data", pictures(batch)}}).value(), plain(model, backend, batch)));
    }
  }
}

TEST(SubgraphSession, ThePlanHasOneStepForTheNetwork) {
  const Session session = Session::create(small_model("resnet18"), native("reference", 10)).value();
  const Execution execution = session.prepare().value();
  std::size_t subgraphs = 0;
  for (const StepInfo& step : execution.plan().steps) {
    if (step.op != "subgraph") continue;
    ++subgraphs;
    EXPECT_EQ(step.kernel, "subgraph_native");
    EXPECT_EQ(step.name, "native_0");
    EXPECT_NE(step.problem.find("conv2d*20"), std::string::npos) << step.problem;
    EXPECT_GT(step.macs, 0);
  }
  EXPECT_EQ(subgraphs, 1u);
}

TEST(SubgraphSession, ManyThreadsRunAtOnce) {
  const Model model = small_model("mobilenet_v2");
  for (const std::string& backend : host_backends()) {
    SessionOptions options = native(backend);
    options.threads = 2;
    const Session session = Session::create(model, options).value();
    const NamedTensors want = plain(model, backend, 2);
    std::vector<std::thread> threads;
    std::vector<int> wrong(4, 0);
    for (std::size_t t = 0; t < wrong.size(); ++t)
      threads.emplace_back([&, t] {
        for (int i = 0; i < 5; ++i)
          if (!equal(session.run({{"data", pictures(2)}}).value(), want)) ++wrong[t];
      });
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(wrong, std::vector<int>(4, 0)) << backend;
  }
}

TEST(SubgraphSession, TellsWhatItBuildsAndKeepsIt) {
  const std::string path = test::temporary_path();
  std::filesystem::remove(path);
  std::vector<SubgraphBuild> events;
  const auto run = [&](std::int64_t batch) {
    SessionOptions options = native("reference", 10);
    options.subgraph_cache = path;
    options.on_subgraph = [&](const SubgraphBuild& event) { events.push_back(event); };
    const Model model = small_model("resnet18");
    const Session session = Session::create(model, options).value();
    EXPECT_TRUE(
        equal(session.run({{"data", pictures(batch)}}).value(), plain(model, "reference", batch)));
  };
  run(1);
  ASSERT_EQ(events.size(), 2u);
  EXPECT_FALSE(events[0].done);
  EXPECT_FALSE(events[1].from_cache);
  run(1);
  EXPECT_TRUE(events.back().from_cache);
  run(2);
  EXPECT_FALSE(events.back().from_cache);
  run(2);
  EXPECT_TRUE(events.back().from_cache);
  std::filesystem::remove(path);
}

TEST(SubgraphSession, RefusesUnknownAndMissingEngines) {
  SessionOptions options = native("reference");
  options.subgraph_engine = "abacus";
  EXPECT_EQ(Session::create(tiny_model(), options).status().code(), StatusCode::invalid_argument);
  options.subgraph_engine = "tensorrt";
  const Status status = Session::create(tiny_model(), options).status();
  EXPECT_EQ(status.code(), StatusCode::unavailable);
  EXPECT_NE(status.hint().find("--subgraph-engine native"), std::string::npos);
}

TEST(SubgraphSession, AFailureInsideNamesTheOperator) {
  // The pool inside refuses a map smaller than its window; the sentence is the pool's.
  const Session session = Session::create(tiny_model(), native("reference")).value();
  const Status status =
      session.run({{"x", Tensor({DType::f32, {1, 2, 1, 1}, kNCHW, std::nullopt})}}).status();
  EXPECT_EQ(status.code(), StatusCode::invalid_input);
  EXPECT_NE(status.to_string().find("\"pool\""), std::string::npos) << status.to_string();
}

}  // namespace
}  // namespace octet
