#include "tuning/fast_run.hpp"

#include <algorithm>
#include <limits>

#include "tuning/measure.hpp"

namespace octet {
namespace {

// Rows without an estimate are there so that everything runs; they cost most.
double estimate_of(const Candidate& candidate, const Problem& problem) {
  const auto estimate = candidate.kernel->estimate;
  return estimate == nullptr ? std::numeric_limits<double>::max() : estimate(problem);
}

// Of the first backend that accepts, the cheapest by estimate.
std::vector<const Candidate*> worth_timing(const Problem& problem,
                                           std::span<const Candidate> candidates) {
  std::vector<const Candidate*> chosen;
  for (const Candidate& candidate : candidates)
    if (candidate.verdict.ok() && (chosen.empty() || candidate.backend == chosen[0]->backend))
      chosen.push_back(&candidate);
  std::stable_sort(chosen.begin(), chosen.end(), [&](const Candidate* a, const Candidate* b) {
    return estimate_of(*a, problem) < estimate_of(*b, problem);
  });
  if (chosen.size() > FastRun::kMostTimed) chosen.resize(FastRun::kMostTimed);
  return chosen;
}

}  // namespace

const FastRun::Times& FastRun::times_for(const Problem& problem, const Demands& demands,
                                         std::span<const Candidate> candidates) {
  const std::string key = problem.text();
  if (const auto found = known_.find(key); found != known_.end()) return found->second;
  Times times;
  const auto chosen = worth_timing(problem, candidates);
  if (chosen.size() > 1)  // with one there is nothing to find out
    for (const Candidate* candidate : chosen)
      times[candidate->kernel->name] =
          measure_kernel(*candidate->backend, *candidate->kernel, problem, demands);
  return known_.emplace(key, std::move(times)).first->second;
}

std::size_t FastRun::choose(const Problem& problem, const Demands& demands,
                            std::span<Candidate> candidates) {
  const std::lock_guard lock(mutex_);
  const Times& times = times_for(problem, demands, candidates);
  std::size_t best = candidates.size();
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    if (!candidates[i].verdict.ok()) continue;
    if (best == candidates.size()) best = i;
    const auto found = times.find(candidates[i].kernel->name);
    if (found == times.end()) continue;
    candidates[i].milliseconds = found->second;
    if (found->second < least) {
      least = found->second;
      best = i;
    }
  }
  if (best == candidates.size()) throw Error(StatusCode::internal, "no candidate accepts");
  return best;
}

}  // namespace octet
