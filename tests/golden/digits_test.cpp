// A trained network on real pictures: every prediction must be MegEngine's.
#include <gtest/gtest.h>

#include <algorithm>

#include "base/format.hpp"
#include "formats/model_file.hpp"
#include "golden/cases.hpp"
#include "golden/digits.hpp"
#include "support/run_graph.hpp"

namespace octet::test {
namespace {

struct DigitsFile {
  const char* name;
  double tolerance;  // of a probability
};

// ONNX rounds the ties of the average pooling to even, MegEngine away from zero: the probabilities
// differ visibly, the predictions do not.
constexpr DigitsFile kFiles[] = {{"digits.v1.mge", 2e-6},
                                 {"digits.v2.mge", 2e-6},
                                 {"digits_qdq.onnx", 0.025},
                                 {"digits_qlinear.onnx", 0.025}};

std::ostream& operator<<(std::ostream& out, const DigitsFile& file) { return out << file.name; }

class Digits : public ::testing::TestWithParam<DigitsFile> {};

TEST_P(Digits, PredictsAsMegEngine) {
  const auto& [name, tolerance] = GetParam();
  const ModelFile model = read_model_file(data_path(concat("digits/", name)));
  const Tensor input = digits_input();
  const Tensor probabilities = run_outputs(model.graph, {{"data", input}}).at(0);
  EXPECT_EQ(difference(probabilities, read_digits("megengine_prob"), {false, false, tolerance, 0}),
            "");

  const Tensor predictions = read_digits("megengine_pred");
  const auto rows = probabilities.values<float>();
  ASSERT_EQ(rows.size(), predictions.values<std::uint8_t>().size() * 10);
  for (std::size_t n = 0; n < predictions.values<std::uint8_t>().size(); ++n) {
    const auto row = rows.subspan(n * 10, 10);
    EXPECT_EQ(std::max_element(row.begin(), row.end()) - row.begin(),
              predictions.values<std::uint8_t>()[n])
        << "picture " << n;
  }
}

INSTANTIATE_TEST_SUITE_P(Files, Digits, ::testing::ValuesIn(kFiles), [](const auto& test) {
  std::string name = test.param.name;
  std::replace(name.begin(), name.end(), '.', '_');
  return name;
});

}  // namespace
}  // namespace octet::test
