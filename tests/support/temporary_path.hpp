// A path that no other test, in this process or another, writes to.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <string>

namespace octet::test {

inline std::string temporary_path() {
  const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
  return ::testing::TempDir() + "octet_" + test->test_suite_name() + "_" + test->name() + "_" +
         std::to_string(getpid());
}

}  // namespace octet::test
