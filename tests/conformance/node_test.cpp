// Runs every node test and holds supported_node_tests.txt to the truth, in both directions.
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <set>

#include "conformance/node_case.hpp"

namespace octet::testing {
namespace {

// The tests must not shrink unnoticed when the data are missing.
constexpr std::size_t kLeastSupported = 430;

std::set<std::string> read_list() {
  std::ifstream file(OCTET_SUPPORTED_LIST);
  std::set<std::string> names;
  for (std::string line; std::getline(file, line);)
    if (!line.empty() && line.front() != '#') names.insert(line);
  return names;
}

const std::map<std::string, std::string>& outcomes() {
  static const std::map<std::string, std::string> all = [] {
    std::map<std::string, std::string> map;
    const std::string folder = OCTET_NODE_TESTS "/";
    for (const std::string& name : node_cases(folder))
      map.emplace(name, run_node_case(folder + name));
    return map;
  }();
  return all;
}

TEST(OnnxNodeTests, EveryListedTestPasses) {
  const std::set<std::string> listed = read_list();
  EXPECT_GE(listed.size(), kLeastSupported);
  for (const std::string& name : listed) {
    const auto found = outcomes().find(name);
    ASSERT_NE(found, outcomes().end()) << name << " is listed but does not exist";
    EXPECT_EQ(found->second, "") << name;
  }
}

TEST(OnnxNodeTests, EveryListedTestPassesAfterItIsWrittenAndReadAgain) {
  for (const std::string& name : read_list())
    EXPECT_EQ(run_node_case(OCTET_NODE_TESTS "/" + name, true), "") << name;
}

TEST(OnnxNodeTests, EveryUnlistedTestIsRefused) {
  const std::set<std::string> listed = read_list();
  for (const auto& [name, failure] : outcomes()) {
    if (listed.contains(name)) continue;
    EXPECT_NE(failure, "") << name << " passes: add it to the list";
  }
}

}  // namespace
}  // namespace octet::testing
