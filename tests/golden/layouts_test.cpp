// MegEngine's sample dumps under random layouts: every operator that could choose gets any of its
// options, and the bits stay.
#include <gtest/gtest.h>

#include "backends/reference/backend.hpp"
#include "base/random.hpp"
#include "formats/model_file.hpp"
#include "golden/cases.hpp"
#include "passes/cuda_layouts.hpp"
#include "passes/layout_choices.hpp"
#include "passes/pipelines.hpp"
#include "runtime/engine.hpp"
#include "support/run_graph.hpp"

namespace octet::test {
namespace {

NamedTensors run(const Graph& graph, Pipeline pipeline, const GoldenCase& test) {
  static const std::unique_ptr<Backend> reference = make_reference_backend();
  static FirstAccepting chooser;
  EngineOptions options;
  options.plan.backends = {reference.get()};
  options.plan.chooser = &chooser;
  options.pipeline = std::move(pipeline);
  NamedTensors inputs, outputs;
  for (auto& [name, tensor] : golden_inputs(test)) inputs.push_back({name, tensor});
  Engine(graph, options).run(inputs, outputs);
  return outputs;
}

// Gives every operator a random one of its options.
Pass random_layouts(std::uint64_t seed) {
  return {"random_layouts", [seed](Graph& graph) {
            Random random(seed);
            const auto policies = cuda_layout_policies();
            const auto choices = layout_choices(graph, policies);
            std::vector<std::size_t> options;
            for (const LayoutChoices& choice : choices)
              options.push_back(random.next() % choice.options.size());
            apply_layouts(graph, choices, options);
            graph.compact();
            verify(graph);
          }};
}

class GoldenLayouts : public ::testing::TestWithParam<GoldenCase> {};

TEST_P(GoldenLayouts, RandomOnesKeepTheBits) {
  const GoldenCase& test = GetParam();
  const ModelFile model = read_model_file(data_path(test.folder + "/" + test.file));
  if (!model.checks.empty()) return;  // its inputs are in the file
  const NamedTensors want = run(model.graph, cuda_pipeline(), test);
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    Pipeline pipeline = cuda_pipeline();
    pipeline.push_back(random_layouts(seed));
    const NamedTensors got = run(model.graph, std::move(pipeline), test);
    ASSERT_EQ(got.size(), want.size());
    for (std::size_t i = 0; i < got.size(); ++i)
      EXPECT_TRUE(same_bits(got[i].tensor, want[i].tensor))
          << got[i].name << " differs with seed " << seed;
  }
}

std::string test_name(const ::testing::TestParamInfo<GoldenCase>& info) {
  std::string name = info.param.file;
  for (char& c : name)
    if (c == '.') c = '_';
  return name;
}

INSTANTIATE_TEST_SUITE_P(Nets, GoldenLayouts, ::testing::ValuesIn(golden_cases("megengine/nets")),
                         test_name);

}  // namespace
}  // namespace octet::test
