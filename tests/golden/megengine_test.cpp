// Every sample dump, loaded and run, against what MegEngine itself computed.
#include <gtest/gtest.h>

#include "formats/model_file.hpp"
#include "golden/cases.hpp"
#include "support/run_graph.hpp"

namespace octet::test {
namespace {

void expect_run(const Graph& graph, const GoldenCase& test, std::optional<int> batch) {
  const auto want = golden_outputs(test, batch);
  const auto got = run_outputs(graph, golden_inputs(test, batch));
  ASSERT_EQ(got.size(), want.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    const float step = last_step(graph, graph.outputs()[i].value);
    EXPECT_EQ(difference(got[i], want[i], test.tolerance, step), "")
        << "output " << i << " (" << graph.outputs()[i].name << ")";
  }
}

class MegEngine : public ::testing::TestWithParam<GoldenCase> {};

TEST_P(MegEngine, GivesTheFrameworksNumbers) {
  const GoldenCase& test = GetParam();
  const ModelFile model = read_model_file(data_path(test.folder + "/" + test.file));
  if (!model.checks.empty()) return;  // TestCases runs it
  expect_run(model.graph, test, std::nullopt);
  if (test.second_batch) expect_run(model.graph, test, test.second_batch);
}

// A file with test cases: the inputs and the expected outputs are in it.
TEST(TestCases, CarryInputsAndExpectedOutputs) {
  const ModelFile model = read_model_file(data_path("megengine/ops/net_testcase.v2.mge"));
  ASSERT_EQ(model.test_cases.size(), 1u);
  ASSERT_EQ(model.checks.size(), 1u);
  const EqualityCheck& check = model.checks[0];
  EXPECT_EQ(check.expected, "Softmax:expect");
  EXPECT_EQ(check.output, "Softmax");
  EXPECT_FLOAT_EQ(check.max_error, 1e-4f);

  ASSERT_EQ(model.graph.outputs().size(), 1u);
  EXPECT_EQ(model.graph.outputs()[0].name, check.output);
  const auto got = run_outputs(model.graph, model.test_cases[0]);
  EXPECT_EQ(difference(got[0], model.test_cases[0].at(check.expected), {false, false, 1e-6, 1e-5}),
            "");
  // What only computed the error is gone: nothing reads the expected value.
  const ValueId expected = model.graph.find_input(check.expected);
  ASSERT_NE(expected, kNoValue);
  EXPECT_TRUE(model.graph.users()[static_cast<std::size_t>(expected)].empty());
}

std::string test_name(const ::testing::TestParamInfo<GoldenCase>& info) {
  std::string name = info.param.file;
  for (char& c : name)
    if (c == '.') c = '_';
  return name;
}

INSTANTIATE_TEST_SUITE_P(Ops, MegEngine, ::testing::ValuesIn(golden_cases("megengine/ops")),
                         test_name);
INSTANTIATE_TEST_SUITE_P(Ties, MegEngine, ::testing::ValuesIn(golden_cases("megengine/ties")),
                         test_name);
INSTANTIATE_TEST_SUITE_P(Nets, MegEngine, ::testing::ValuesIn(golden_cases("megengine/nets")),
                         test_name);

}  // namespace
}  // namespace octet::test
