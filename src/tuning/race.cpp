#include "tuning/race.hpp"

#include <algorithm>
#include <limits>

namespace octet {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();

struct Runner {
  std::size_t index;
  Sampler sampler;
  std::vector<double> samples;

  double time() const { return trimmed_mean(samples); }
};

double best_of(const std::vector<Runner>& runners) {
  double best = kNever;
  for (const Runner& runner : runners) best = std::min(best, runner.time());
  return best;
}

}  // namespace

double trimmed_mean(std::vector<double> samples) {
  std::sort(samples.begin(), samples.end());
  const double median = samples[samples.size() / 2];
  double sum = 0.0;
  int count = 0;
  for (const double sample : samples) {
    if (sample < 0.8 * median || sample > 1.2 * median) continue;
    sum += sample;
    ++count;
  }
  return sum / count;
}

std::vector<double> race(std::span<const Entrance> contenders, const RaceRules& rules,
                         const std::function<double()>& now) {
  const double end = now() + rules.milliseconds;
  std::vector<double> times(contenders.size(), kNever);
  std::vector<Runner> runners;
  double least = kNever;
  for (std::size_t i = 0; i < contenders.size(); ++i) {
    if (least < kNever && now() > end) break;
    Sampler sampler = contenders[i]();
    if (!sampler) continue;
    const double first = sampler();
    times[i] = std::min(first, sampler());
    least = std::min(least, times[i]);
    if (times[i] <= std::min(rules.hopeless * least, rules.worth))
      runners.push_back({i, std::move(sampler), {times[i]}});
  }
  const auto end_for = [&](double limit) {
    std::erase_if(runners, [&](const Runner& runner) {
      times[runner.index] = runner.time();
      return times[runner.index] > limit;
    });
  };
  end_for(rules.hopeless * least);
  for (int round = 0; round < rules.rounds && runners.size() > 1 && now() <= end; ++round) {
    for (Runner& runner : runners) runner.samples.push_back(runner.sampler());
    end_for(rules.clear * best_of(runners));
  }
  return times;
}

}  // namespace octet
