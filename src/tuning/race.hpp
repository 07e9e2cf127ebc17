// Finds the fastest of several contenders with few measurements.
#pragma once

#include <cstddef>
#include <functional>
#include <limits>
#include <memory>
#include <span>
#include <vector>

namespace octet {

struct RaceRules {
  int rounds = 7;         // the most samples of a contender after those on entering
  double hopeless = 1.5;  // a time on entering of more than this times the least ends it at once
  double clear = 1.05;    // and more than this times the best ends it after a round
  double worth = std::numeric_limits<double>::infinity();  // more than this on entering, too
  double milliseconds = 400.0;  // when this much time is spent, nobody new enters
};

// One sample in milliseconds; may be called again and again.
using Sampler = std::function<double()>;
// Makes a contender ready. An empty one: it cannot take part.
using Entrance = std::function<Sampler()>;

// Milliseconds of each contender, in their order; infinity where one could not take part or the
// time was over before its turn, so order them by expectation. The first that can always takes
// part. On entering everybody is sampled twice, of which the better counts (the clocks of an idle
// device are still rising); those near the best then go round by round, in turn, until one is left
// or the rounds are over. A time is the mean of the samples within a fifth of
// their median. `now` gives milliseconds; tests pass their own.
std::vector<double> race(std::span<const Entrance> contenders, const RaceRules& rules,
                         const std::function<double()>& now);

// The mean of what is within a fifth of the median. At least one sample.
double trimmed_mean(std::vector<double> samples);

}  // namespace octet
