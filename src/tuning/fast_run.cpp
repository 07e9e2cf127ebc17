#include "tuning/fast_run.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "base/log.hpp"
#include "tuning/race.hpp"
#include "tuning/tuning_key.hpp"
#include "tuning/workbench.hpp"

namespace octet {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();

double estimate_of(const Candidate& candidate, const Problem& problem) {
  const auto estimate = candidate.kernel->estimate;
  return estimate == nullptr ? kNever : estimate(problem);
}

// Those that accept, the cheapest by estimate first. Where some rows estimate, the others are there
// so that everything runs.
std::vector<const Candidate*> worth_timing(const Problem& problem,
                                           std::span<const Candidate> candidates, bool full) {
  std::vector<const Candidate*> chosen;
  for (const Candidate& candidate : candidates)
    if (candidate.verdict.ok() && (full || !candidate.kernel->naive)) chosen.push_back(&candidate);
  std::stable_sort(chosen.begin(), chosen.end(), [&](const Candidate* a, const Candidate* b) {
    return estimate_of(*a, problem) < estimate_of(*b, problem);
  });
  if (full) return chosen;
  if (!chosen.empty() && estimate_of(*chosen.front(), problem) < kNever)
    std::erase_if(chosen, [&](const Candidate* c) { return estimate_of(*c, problem) == kNever; });
  if (chosen.size() > FastRun::kMostTimed) chosen.resize(FastRun::kMostTimed);
  return chosen;
}

double now_ms() {
  return std::chrono::duration<double, std::milli>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace

void FastRun::expect(std::size_t problems) {
  const std::lock_guard lock(mutex_);
  expected_ = problems;
  done_ = 0;
}

void FastRun::report(const std::string& problem, const std::string& kernel) const {
  if (options_.on_progress) options_.on_progress({done_, expected_, problem, kernel});
}

bool FastRun::has_time() {
  if (spent_ms_ < options_.seconds * 1e3) return true;
  if (!said_enough_)
    log(LogLevel::warning, "the search for the fastest kernels stopped after ", options_.seconds,
        " s; the rest is chosen by order and estimate");
  said_enough_ = true;
  return false;
}

KernelTimes FastRun::measure(const Problem& problem, const Demands& demands, const Chosen& chosen) {
  const double start = now_ms();
  // One bench per backend: a problem's operands are shared by all candidates that work in its
  // memory.
  std::map<const Backend*, std::unique_ptr<Workbench>> benches;
  std::vector<Entrance> entrances;
  for (const Candidate* candidate : chosen)
    entrances.push_back([&, candidate]() -> Sampler {
      const Kernel& kernel = *candidate->kernel;
      report(std::string(problem.op->kind()), kernel.name);
      try {
        if (!kernel.check(problem, demands)) return {};
        auto& bench = benches[candidate->backend];
        if (!bench) bench = std::make_unique<Workbench>(*candidate->backend, problem, demands);
        std::shared_ptr<Workbench::Contender> contender = bench->enter(kernel);
        return [contender] { return contender->sample(); };
      } catch (const Error& error) {
        log(LogLevel::info, kernel.name, " could not be timed: ", error.what());
        return {};
      }
    });
  RaceRules rules;
  if (options_.full) rules.milliseconds = kNever;
  const std::vector<double> times = race(entrances, rules, now_ms);
  KernelTimes result;
  for (std::size_t i = 0; i < chosen.size(); ++i) result[chosen[i]->kernel->name] = times[i];
  spent_ms_ += now_ms() - start;
  return result;
}

const KernelTimes& FastRun::times_for(const Problem& problem, const Demands& demands,
                                      std::span<const Candidate> candidates) {
  const Problem asked =
      options_.shared_batch > 0 ? at_batch(problem, options_.shared_batch) : problem;
  const Backend& backend = *candidates.front().backend;
  const TuningKey key = tuning_key(asked, demands, backend);
  const auto [entry, is_new] = known_.try_emplace(key.problem);
  KernelTimes& times = entry->second;
  if (is_new && options_.store) times = options_.store->load(key);
  const Chosen chosen = worth_timing(problem, candidates, options_.full);
  const bool complete = std::all_of(chosen.begin(), chosen.end(), [&](const Candidate* candidate) {
    return times.contains(candidate->kernel->name);
  });
  // With one there is nothing to find out.
  if (!options_.measures || complete || chosen.size() < 2 || !has_time()) return times;
  times = measure(asked, demands, chosen);
  if (options_.store) options_.store->save(key, times);
  return times;
}

std::size_t FastRun::choose(const Problem& problem, const Demands& demands,
                            std::span<Candidate> candidates) {
  const std::lock_guard lock(mutex_);
  const KernelTimes& times = times_for(problem, demands, candidates);
  ++done_;
  std::size_t best = candidates.size();
  double least = kNever;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const auto found = times.find(candidates[i].kernel->name);
    if (!candidates[i].verdict.ok() || found == times.end() || std::isinf(found->second)) continue;
    candidates[i].milliseconds = found->second;
    if (found->second >= least) continue;
    least = found->second;
    best = i;
  }
  if (best < candidates.size()) return best;
  return FirstAccepting().choose(problem, demands, candidates);
}

}  // namespace octet
