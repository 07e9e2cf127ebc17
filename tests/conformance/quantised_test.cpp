// Quantised operators and Q/DQ patterns against ONNX Runtime, bit for bit (tests/data/onnx_nodes).
#include <gtest/gtest.h>

#include <set>

#include "conformance/node_case.hpp"

namespace octet::testing {
namespace {

constexpr std::size_t kCases = 89;  // so that a missing folder does not pass for success

// What the opset that models are written in cannot say.
const std::set<std::string> kUnwritable{"averagepool_dilations", "int4_weights"};

TEST(QuantisedOperators, GiveTheNumbersOfOnnxRuntime) {
  const std::string folder = OCTET_TEST_DATA "/onnx_nodes/";
  const std::vector<std::string> names = node_cases(folder);
  EXPECT_GE(names.size(), kCases);
  for (const std::string& name : names) {
    EXPECT_EQ(run_node_case(folder + name), "") << name;
    const std::string written = run_node_case(folder + name, true);
    EXPECT_EQ(written.empty(), !kUnwritable.contains(name)) << name << ": " << written;
  }
}

}  // namespace
}  // namespace octet::testing
