// Who wins, who is let go, and when it stops: with a clock and samples of the test's own.
#include "tuning/race.hpp"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

namespace octet {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();

class RaceTest : public testing::Test {
 protected:
  // Enters someone who needs `times` in turn, the last one for ever; empty: cannot take part.
  void enter(std::vector<double> times) {
    const std::size_t index = samples_.size();
    samples_.push_back(0);
    entrances_.push_back([this, index, times]() -> Sampler {
      if (times.empty()) return {};
      return [this, index, times] {
        const auto taken = static_cast<std::size_t>(samples_[index]++);
        const double time = times[std::min(taken, times.size() - 1)];
        clock_ += time;
        return time;
      };
    });
  }
  std::vector<double> run(const RaceRules& rules = {}) {
    return race(entrances_, rules, [this] { return clock_; });
  }

  std::vector<Entrance> entrances_;
  std::vector<int> samples_;
  double clock_ = 0.0;
};

TEST_F(RaceTest, LetsGoWhoIsFarBehindAtOnceAndStopsWhenOneIsLeft) {
  enter({1.0});
  enter({3.0});
  enter({1.2});
  EXPECT_THAT(run(), testing::ElementsAre(1.0, 3.0, 1.2));
  EXPECT_THAT(samples_, testing::ElementsAre(3, 2, 3));  // 1.2 is clearly behind after one round
}

TEST_F(RaceTest, SamplesCloseOnesToTheEndAndDropsOutliers) {
  enter({1.00, 1.00, 1.00, 9.00, 1.00});
  enter({1.02});
  const auto times = run();
  EXPECT_DOUBLE_EQ(times[0], 1.0);
  EXPECT_NEAR(times[1], 1.02, 1e-9);
  EXPECT_THAT(samples_, testing::ElementsAre(2 + 7, 2 + 7));
}

TEST_F(RaceTest, ForgivesASlowStart) {
  enter({5.0, 1.0});
  enter({1.1});
  EXPECT_THAT(run(), testing::ElementsAre(1.0, testing::DoubleNear(1.1, 1e-9)));
}

TEST_F(RaceTest, LetsGoOfAnEarlyLeaderThatALaterOneLeavesBehind) {
  enter({4.0});
  enter({1.0});
  EXPECT_THAT(run(), testing::ElementsAre(4.0, 1.0));
  EXPECT_THAT(samples_, testing::ElementsAre(2, 2));
}

TEST_F(RaceTest, SkipsWhoCannotTakePart) {
  enter({});
  enter({2.0});
  enter({});
  EXPECT_THAT(run(), testing::ElementsAre(kNever, 2.0, kNever));
}

TEST_F(RaceTest, TakesNobodyNewWhenTheTimeIsOver) {
  enter({});
  enter({150.0});  // twice: past the end
  enter({1.0});
  RaceRules rules;
  rules.milliseconds = 200.0;
  EXPECT_THAT(run(rules), testing::ElementsAre(kNever, 150.0, kNever));
}

TEST_F(RaceTest, OfNobodyGivesNothing) { EXPECT_TRUE(run().empty()); }

TEST(TrimmedMean, IsTheMeanOfWhatIsNearTheMedian) {
  EXPECT_DOUBLE_EQ(trimmed_mean({2.0}), 2.0);
  EXPECT_DOUBLE_EQ(trimmed_mean({1.0, 1.1, 50.0}), 1.05);
  EXPECT_DOUBLE_EQ(trimmed_mean({0.1, 1.0, 1.2}), 1.1);
}

}  // namespace
}  // namespace octet
