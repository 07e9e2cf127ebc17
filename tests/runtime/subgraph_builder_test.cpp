#include "runtime/subgraph_builder.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <octet/log.hpp>

#include "kernels/chooser.hpp"
#include "ops/subgraph.hpp"
#include "runtime/engine_cache.hpp"
#include "support/temporary_path.hpp"
#include "toy.hpp"

namespace octet {
namespace {

using toy::Affine;
using toy::f32;

struct Counters {
  int builds = 0, loads = 0;
};

// Runs a graph by the reference; its blob is its identity, and it takes no other.
class FakeEngine final : public SubgraphEngine {
 public:
  FakeEngine(std::string identity, Counters& counters)
      : identity_(std::move(identity)), counters_(counters) {}

  std::string_view name() const noexcept override { return "fake"; }
  std::string identity() const override { return identity_; }

  Built build(const Graph& graph, const Demands&) const override {
    ++counters_.builds;
    const auto* data = reinterpret_cast<const std::byte*>(identity_.data());
    return {std::make_unique<Run>(graph), {data, data + identity_.size()}};
  }
  std::unique_ptr<Executable> load(const Graph& graph, const Demands&,
                                   std::span<const std::byte> blob) const override {
    if (blob.size() != identity_.size() ||
        std::memcmp(blob.data(), identity_.data(), blob.size()) != 0)
      throw Error(StatusCode::invalid_input, "this was not built here");
    ++counters_.loads;
    return std::make_unique<Run>(graph);
  }

 private:
  struct Run final : Executable {
    explicit Run(const Graph& graph) : op(graph) {}
    void run(const RunArgs& args) const override {
      const Graph& graph = *op.inner();
      const ConstView input(graph.type(graph.inputs()[0]), args.inputs[0]);
      const View output(graph.type(graph.outputs()[0].value), args.outputs[0]);
      op.compute({&input, 1}, {&output, 1});
    }
    Subgraph op;
  };

  std::string identity_;
  Counters& counters_;
};

Problem problem(float factor, const Shape& shape = {1, 3}, const std::string& engine = "fake") {
  Graph inner;
  const ValueId x = inner.add_input("x", f32(shape));
  inner.add_output(inner.add(make_op<Affine>(factor, 1.0f), {x}), "y");
  Graph graph;
  const ValueId in = graph.add_input("x", f32(shape));
  graph.add_output(graph.add(make_op<Subgraph>(inner, "part", engine), {in}), "y");
  return Problem::of(graph, 0);
}

class SubgraphBuilderTest : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::remove(path_);
    set_log_callback([this](LogLevel level, std::string_view message) {
      if (level == LogLevel::warning) warnings_.emplace_back(message);
    });
  }
  void TearDown() override {
    set_log_callback({});
    std::filesystem::remove(path_);
  }

  // Prepares the problem in a new session whose engine has this identity.
  void prepare(const Problem& problem, const std::string& identity = "v1") {
    const auto builder = make_subgraph_builder(
        std::make_unique<FakeEngine>(identity, counters_),
        {path_, [this](const SubgraphBuild& event) { events_.push_back(event); }});
    ASSERT_TRUE(builder->check(problem).ok()) << builder->check(problem).reason();
    const auto executable = builder->prepare(problem, {});
    const std::vector<float> x{1, 2, 3};
    std::vector<float> y(3);
    const std::byte* input = reinterpret_cast<const std::byte*>(x.data());
    std::byte* output = reinterpret_cast<std::byte*>(y.data());
    executable->run({{&input, 1}, {&output, 1}});
    EXPECT_EQ(y[2], 7.0f);
  }

  const std::string path_ = test::temporary_path();
  Counters counters_;
  std::vector<SubgraphBuild> events_;
  std::vector<std::string> warnings_;
};

TEST_F(SubgraphBuilderTest, BuildsOnceAndSaysSo) {
  prepare(problem(2.0f));
  prepare(problem(2.0f));
  EXPECT_EQ(counters_.builds, 1);
  EXPECT_EQ(counters_.loads, 1);
  ASSERT_EQ(events_.size(), 4u);
  EXPECT_FALSE(events_[0].done);
  EXPECT_TRUE(events_[1].done);
  EXPECT_FALSE(events_[1].from_cache);
  EXPECT_TRUE(events_[3].from_cache);
  EXPECT_EQ(events_[3].name, "part");
  EXPECT_EQ(events_[3].engine, "fake");
  EXPECT_EQ(events_[3].operators, 1u);
  EXPECT_GE(events_[3].milliseconds, 0.0);
}

TEST_F(SubgraphBuilderTest, AnotherShapeContentOrEngineIsBuiltAnew) {
  prepare(problem(2.0f));
  prepare(problem(2.0f, {3, 1}));
  EXPECT_EQ(counters_.builds, 2);
  prepare(problem(2.0f), "v2");
  EXPECT_EQ(counters_.builds, 3);
  prepare(problem(2.0f), "v1");  // the others did not push it out
  EXPECT_EQ(counters_.builds, 3);
  EXPECT_TRUE(warnings_.empty());
}

TEST_F(SubgraphBuilderTest, ABlobThatTheEngineRefusesIsBuiltAnewWithOneLine) {
  prepare(problem(2.0f), "v1");
  // The same key with another blob, as from an engine whose version lied.
  std::string file;
  {
    std::ifstream in(path_, std::ios::binary);
    file.assign(std::istreambuf_iterator<char>(in), {});
  }
  EngineCache cache(path_);
  const std::size_t from = file.find("engine=fake");
  const std::string key = file.substr(from, file.find("v1", file.find("workspace=")) - from);
  ASSERT_NE(cache.find(key), std::nullopt) << key;
  cache.put(key, {std::byte{'v'}, std::byte{'0'}});
  prepare(problem(2.0f), "v1");
  EXPECT_EQ(counters_.builds, 2);
  ASSERT_EQ(warnings_.size(), 1u);
  EXPECT_NE(warnings_[0].find("part cannot be used and is built anew"), std::string::npos);
  prepare(problem(2.0f), "v1");
  EXPECT_EQ(counters_.builds, 2);
}

TEST_F(SubgraphBuilderTest, StandsBeforeTheRowsOfBackends) {
  const auto builder = make_subgraph_builder(std::make_unique<FakeEngine>("v1", counters_), {});
  Demands demands;
  demands.subgraphs = builder.get();
  const Backend* backend = &toy::backend();
  const auto candidates = candidates_for(problem(2.0f), demands, {&backend, 1});
  ASSERT_FALSE(candidates.empty());
  EXPECT_EQ(candidates[0].kernel->name, "subgraph_fake");
  EXPECT_TRUE(candidates[0].verdict.ok());
  const auto foreign = candidates_for(problem(2.0f, {1, 3}, "other"), demands, {&backend, 1});
  EXPECT_EQ(foreign[0].verdict.reason(), "the sub-graph is not for the engine fake");
}

}  // namespace
}  // namespace octet
