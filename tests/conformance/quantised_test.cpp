// Quantised operators and Q/DQ patterns against ONNX Runtime, bit for bit (tests/data/onnx_nodes).
#include <gtest/gtest.h>

#include "conformance/node_case.hpp"

namespace octet::testing {
namespace {

constexpr std::size_t kCases = 80;  // so that a missing folder does not pass for success

TEST(QuantisedOperators, GiveTheNumbersOfOnnxRuntime) {
  const std::string folder = OCTET_TEST_DATA "/onnx_nodes/";
  const std::vector<std::string> names = node_cases(folder);
  EXPECT_GE(names.size(), kCases);
  for (const std::string& name : names) {
    EXPECT_EQ(run_node_case(folder + name), "") << name;
    EXPECT_EQ(run_node_case(folder + name, true), "") << name << ", written and read again";
  }
}

}  // namespace
}  // namespace octet::testing
