#include "tuning/region_times.hpp"

#include <algorithm>

namespace octet {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();

// Of the row that would be taken without any times.
double estimated(const Problem& problem, const LayoutSetting& setting) {
  double least = kNever;
  for (const Candidate& candidate :
       candidates_for(problem, setting.demands, setting.backends, setting.skip_kernels))
    if (candidate.verdict.ok() && !candidate.kernel->naive)
      least = std::min(least, estimate_of(candidate, problem));
  return least;
}

ProblemTime measured(const Problem& problem, LayoutCosts& costs) {
  return costs.measures() ? costs.measure(problem, kNever) : costs.time(problem);
}

}  // namespace

bool is_faster(const Problem& region, std::span<const Problem> parts, const LayoutSetting& setting,
               FastRun* search) {
  if (search != nullptr) {
    LayoutCosts costs(*search, setting);
    const ProblemTime whole = measured(region, costs);
    double sum = 0.0;
    bool all = whole.measured;
    for (std::size_t i = 0; i < parts.size() && all; ++i) {
      const ProblemTime part = measured(parts[i], costs);
      sum += part.milliseconds;
      all = part.measured;
    }
    if (all) return whole.milliseconds < sum;
  }
  const double whole = estimated(region, setting);
  if (whole == kNever) return false;  // nobody runs it
  double sum = 0.0;
  for (const Problem& part : parts) sum += estimated(part, setting);
  return whole < sum;
}

}  // namespace octet
