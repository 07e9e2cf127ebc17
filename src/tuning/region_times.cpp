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
  double whole = estimated(region, setting);
  if (whole == kNever) return false;  // nobody runs it
  double sum = 0.0;
  for (const Problem& part : parts) sum += estimated(part, setting);
  if (search == nullptr) return whole < sum;
  LayoutCosts costs(*search, setting);
  ProblemTime time = measured(region, costs), all{0.0, true};
  for (const Problem& part : parts) {
    const ProblemTime one = measured(part, costs);
    all.milliseconds += one.milliseconds;
    all.measured = all.measured && one.measured;
  }
  return time.measured && all.measured ? time.milliseconds < all.milliseconds : whole < sum;
}

}  // namespace octet
