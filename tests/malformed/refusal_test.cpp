// Every broken file is refused: with its code, a sentence that names what is wrong and where, and
// at once. (tests/cli/test_malformed.py hands the same files to load_and_run and measures memory.)
#include <gtest/gtest.h>

#include <ctime>
#include <map>
#include <set>

#include "malformed/bad_files.hpp"

namespace octet::test {
namespace {

class Malformed : public ::testing::TestWithParam<BadFile> {};

TEST_P(Malformed, IsRefused) {
  const auto& [extension, refusal] = GetParam();
  // The time of this process: other processes of a busy machine do not count.
  const std::clock_t start = std::clock();
  const Status status = failure_of([&] { read_file_of(extension, refusal.content); });
  const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  expect_refusal(status, refusal);
  EXPECT_NE(status.where().find("file." + extension), std::string::npos) << status.to_string();
  EXPECT_LT(seconds, 1.0);
}

INSTANTIATE_TEST_SUITE_P(Files, Malformed, ::testing::ValuesIn(bad_files()),
                         [](const auto& test) { return test.param.name(); });

TEST(MalformedFiles, AreManyOfEachKind) {
  std::map<std::string, std::size_t> count;
  std::set<std::string> names;
  for (const BadFile& file : bad_files()) {
    ++count[file.extension];
    EXPECT_TRUE(names.insert(file.name()).second) << file.name() << " occurs twice";
    EXPECT_FALSE(file.refusal.part.empty()) << file.name() << " expects no words";
  }
  EXPECT_GE(names.size(), 250u);
  for (const char* extension : {"mge", "onnx", "npy", "ppm", "json"})
    EXPECT_GE(count[extension], 20u) << extension;
  for (const char* extension : {"png", "jpg"}) EXPECT_GE(count[extension], 9u) << extension;
  EXPECT_GE(bad_mge_v1_files().size(), 15u);
  EXPECT_GE(bad_mge_v2_files().size(), 15u);
}

}  // namespace
}  // namespace octet::test
