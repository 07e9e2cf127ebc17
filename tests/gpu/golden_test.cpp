// Every sample dump of MegEngine on the GPU, in every layout: against what MegEngine computed at
// the stored batches, and against the reference at others.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "formats/model_file.hpp"
#include "golden/cases.hpp"
#include "golden/digits.hpp"
#include "gpu/gpu_session.hpp"
#include "report/difference.hpp"
#include "support/run_graph.hpp"

namespace octet::test {
namespace {

NamedTensors named(const std::map<std::string, Tensor>& tensors) {
  NamedTensors list;
  for (const auto& [name, tensor] : tensors) list.push_back({name, tensor});
  return list;
}

double largest_value(const Tensor& tensor) {
  double most = 0.0;
  if (tensor.dtype() == DType::f32)
    for (const float value : tensor.values<float>())
      most = std::max(most, std::abs(static_cast<double>(value)));
  return most;
}

class GpuGolden : public ::testing::TestWithParam<GoldenCase> {
 protected:
  std::string path() const { return data_path(GetParam().folder + "/" + GetParam().file); }
};

void expect_megengine(const Session& session, const Graph& graph, const GoldenCase& test,
                      std::optional<int> batch) {
  const auto want = golden_outputs(test, batch);
  const NamedTensors got = session.run(named(golden_inputs(test, batch))).value();
  ASSERT_EQ(got.size(), want.size());
  for (std::size_t i = 0; i < got.size(); ++i)
    EXPECT_EQ(difference(got[i].tensor, want[i], test.tolerance,
                         last_step(graph, graph.outputs()[i].value)),
              "")
        << "output " << i << " (" << got[i].name << ")";
}

TEST_P(GpuGolden, GivesMegEnginesNumbersInEveryLayout) {
  const GoldenCase& test = GetParam();
  const Model model = Model::load(path()).value();
  const Graph graph = read_model_file(path()).graph;
  if (!model.checks().empty()) return;  // a file with test cases: see below
  for (const std::string_view layout : kGpuLayouts) {
    SCOPED_TRACE(layout);
    const Session session = gpu_session(model, layout);
    expect_megengine(session, graph, test, std::nullopt);
    if (test.second_batch) expect_megengine(session, graph, test, test.second_batch);
  }
}

// Batches that the file did not expect. Where it freezes the batch, both must refuse.
TEST_P(GpuGolden, GivesTheReferencesBitsAtEveryBatch) {
  if (GetParam().file.find(".v1.") != std::string::npos) return;  // v2 holds the same graph
  const Model model = Model::load(path()).value();
  const Graph graph = read_model_file(path()).graph;
  const Session reference = reference_session(model);
  std::vector<Session> sessions;
  for (const std::string_view layout : kGpuLayouts) sessions.push_back(gpu_session(model, layout));
  for (const int batch : {1, 3, 5, 128}) {
    SCOPED_TRACE(batch);
    const NamedTensors inputs = named(random_inputs(graph, batch));
    const auto want = reference.run(inputs);
    for (std::size_t s = 0; s < sessions.size(); ++s) {
      SCOPED_TRACE(kGpuLayouts[s]);
      const auto got = sessions[s].run(inputs);
      ASSERT_EQ(got.ok(), want.ok()) << got.status().to_string() << want.status().to_string();
      for (std::size_t i = 0; want.ok() && i < want->size(); ++i) {
        const Tensor &a = (*want)[i].tensor, &b = (*got)[i].tensor;
        const Difference difference = octet::difference(a, b);
        const float step = last_step(graph, graph.outputs()[i].value);
        const bool one_step = GetParam().tolerance.one_step && difference.largest <= 1.001 * step;
        // A float sum of large terms that nearly cancel is only as exact as its terms.
        const bool sums_agree =
            !GetParam().tolerance.exact && difference.largest <= 1e-6 * largest_value(a);
        EXPECT_TRUE(difference.agrees || one_step || sums_agree)
            << (*want)[i].name << ": " << difference.to_string(a.type());
      }
    }
  }
}

std::string test_name(const ::testing::TestParamInfo<GoldenCase>& info) {
  std::string name = info.param.file;
  std::replace(name.begin(), name.end(), '.', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Ops, GpuGolden, ::testing::ValuesIn(golden_cases("megengine/ops")),
                         test_name);
INSTANTIATE_TEST_SUITE_P(Ties, GpuGolden, ::testing::ValuesIn(golden_cases("megengine/ties")),
                         test_name);
INSTANTIATE_TEST_SUITE_P(Nets, GpuGolden, ::testing::ValuesIn(golden_cases("megengine/nets")),
                         test_name);

class GpuDigits : public ::testing::TestWithParam<std::string_view> {};

TEST_P(GpuDigits, PredictsAsMegEngine) {
  const Tensor input = digits_input(), predictions = read_digits("megengine_pred");
  for (const char* file : {"digits/digits.v2.mge", "digits/digits_qlinear.onnx"}) {
    SCOPED_TRACE(file);
    const Model model = Model::load(data_path(file)).value();
    const NamedTensors got = gpu_session(model, GetParam()).run({{"data", input}}).value();
    const auto rows = got[0].tensor.values<float>();
    const auto classes = predictions.values<std::uint8_t>();
    ASSERT_EQ(classes.size(), 360u);
    ASSERT_EQ(rows.size(), classes.size() * 10);
    std::size_t equal = 0;
    for (std::size_t n = 0; n < classes.size(); ++n) {
      const auto row = rows.subspan(n * 10, 10);
      if (std::max_element(row.begin(), row.end()) - row.begin() == classes[n]) ++equal;
    }
    EXPECT_EQ(equal, 360u);
  }
}

INSTANTIATE_TEST_SUITE_P(Layouts, GpuDigits, ::testing::ValuesIn(kGpuLayouts),
                         [](const auto& test) { return std::string(test.param); });

}  // namespace
}  // namespace octet::test
