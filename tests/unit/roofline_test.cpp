#include "report/roofline.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace octet {
namespace {

using testing::HasSubstr;

PlanInfo plan_of_three() {
  PlanInfo plan;
  const auto add = [&](const char* name, std::int64_t macs, std::int64_t bytes) {
    StepInfo step;
    step.name = name;
    step.op = "conv2d";
    step.kernel = "some<kernel>";
    step.macs = macs;
    step.bytes = bytes;
    plan.steps.push_back(step);
  };
  add("deep", 4'000'000'000, 1'000'000);
  add("wide", 1'000'000'000, 40'000'000);
  add("tiny", 1'000, 1'000);
  return plan;
}

// 1 TMAC/s, 1 TB/s: 4 ms of products, 0.04 ms of memory, and so on.
constexpr Peaks kPeaks{1e12, 1e12};

TEST(Roofline, TakesTheLargerFloorAndNamesIt) {
  const std::vector<double> times{8.0, 2.0, 0.5};
  const auto rows = roofline_rows(plan_of_three(), times, kPeaks);
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_DOUBLE_EQ(rows[0].floor(), 4.0);
  EXPECT_STREQ(rows[0].bound(), "products");
  EXPECT_STREQ(rows[2].bound(), "launch");
  const auto memory = roofline_rows(plan_of_three(), times, {100e12, 1e12});
  EXPECT_DOUBLE_EQ(memory[1].floor(), 0.04);
  EXPECT_STREQ(memory[1].bound(), "memory");
}

TEST(Roofline, PrintsSharesAndSums) {
  const std::vector<double> times{8.0, 2.0, 0.5};
  const std::string table = roofline_table(roofline_rows(plan_of_three(), times, kPeaks));
  EXPECT_THAT(table, HasSubstr("8000.00  4000.00      50%  products"));
  EXPECT_THAT(table, HasSubstr("10.500 ms, floor 5.000 ms (48%)"));
}

TEST(Roofline, DrawsEveryStepAndEscapesNames) {
  const std::vector<double> times{8.0, 2.0, 0.5};
  const std::string page = roofline_page(roofline_rows(plan_of_three(), times, kPeaks), "a & b");
  EXPECT_THAT(page, HasSubstr("<title>a &amp; b</title>"));
  EXPECT_THAT(page, HasSubstr("some&lt;kernel&gt;"));
  EXPECT_THAT(page, HasSubstr("8000.0 us, 50%"));
  EXPECT_THAT(page, HasSubstr("500.0 us"));
}

}  // namespace
}  // namespace octet
