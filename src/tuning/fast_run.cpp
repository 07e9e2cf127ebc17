#include "tuning/fast_run.hpp"

#include <algorithm>
#include <cmath>

#include "base/log.hpp"
#include "tuning/clock.hpp"
#include "tuning/race.hpp"
#include "tuning/tuning_key.hpp"
#include "tuning/workbench.hpp"

namespace octet {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();

}  // namespace

void FastRun::expect(std::size_t problems) {
  const std::lock_guard lock(mutex_);
  expected_ = problems;
  done_ = 0;
}

void FastRun::report(const std::string& problem, const std::string& kernel) const {
  if (options_.on_progress)
    options_.on_progress({done_, std::max(expected_, done_ + 1), problem, kernel});
}

bool FastRun::has_time() {
  if (spent_ms_ < options_.seconds * 1e3) return true;
  if (!said_enough_)
    log(LogLevel::warning, "the search for the fastest kernels stopped after ", options_.seconds,
        " s; the rest is chosen by order and estimate");
  said_enough_ = true;
  return false;
}

KernelTimes FastRun::measure(const Problem& problem, const Demands& demands,
                             const Contenders& contenders, double worth) {
  const double start = now_ms();
  // One bench per backend: a problem's operands are shared by all candidates that work in its
  // memory.
  std::map<const Backend*, std::unique_ptr<Workbench>> benches;
  std::vector<Entrance> entrances;
  for (const Candidate* candidate : contenders)
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
  rules.worth = worth;
  if (options_.full) rules.milliseconds = kNever;
  const std::vector<double> times = race(entrances, rules, now_ms);
  KernelTimes result;
  for (std::size_t i = 0; i < contenders.size(); ++i)
    result[contenders[i]->kernel->name] = times[i];
  spent_ms_ += now_ms() - start;
  return result;
}

Problem FastRun::asked(const Problem& problem) const {
  return options_.shared_batch > 0 ? at_batch(problem, options_.shared_batch) : problem;
}

KernelTimes& FastRun::known(const TuningKey& key) {
  const auto [entry, is_new] = known_.try_emplace(key.problem);
  if (is_new && options_.store) entry->second = options_.store->load(key);
  return entry->second;
}

const KernelTimes& FastRun::times_for(const Problem& problem, const Demands& demands,
                                      const Backend& backend, const Contenders& contenders,
                                      double worth) {
  const Problem asked = this->asked(problem);
  const TuningKey key = tuning_key(asked, demands, backend);
  KernelTimes& times = known(key);
  const bool complete = std::all_of(contenders.begin(), contenders.end(), [&](const Candidate* c) {
    return times.contains(c->kernel->name);
  });
  if (!options_.measures || complete || !has_time()) return times;
  times = measure(asked, demands, contenders, worth);
  if (options_.store) options_.store->save(key, times);
  return times;
}

KernelTimes FastRun::times(const Problem& problem, const Demands& demands, const Backend& backend) {
  const std::lock_guard lock(mutex_);
  return times_for(problem, demands, backend, {}, kNever);
}

KernelTimes FastRun::time(const Problem& problem, const Demands& demands, const Backend& backend,
                          const Contenders& contenders, double worth) {
  const std::lock_guard lock(mutex_);
  KernelTimes times = times_for(problem, demands, backend, contenders, worth);
  ++done_;
  return times;
}

void FastRun::note_layouts(const Problem& problem, std::vector<LayoutInfo> layouts) {
  const std::lock_guard lock(mutex_);
  layouts_[problem.text()] = std::move(layouts);
}

std::vector<LayoutInfo> FastRun::layouts(const Problem& problem) const {
  const std::lock_guard lock(mutex_);
  const auto found = layouts_.find(problem.text());
  return found == layouts_.end() ? std::vector<LayoutInfo>{} : found->second;
}

std::size_t FastRun::choose(const Problem& problem, const Demands& demands,
                            std::span<Candidate> candidates) {
  const std::lock_guard lock(mutex_);
  Contenders contenders = worth_timing(problem, candidates, options_.full, kMostTimed);
  if (contenders.size() < 2) contenders.clear();  // with one there is nothing to find out
  const KernelTimes& times =
      times_for(problem, demands, *candidates.front().backend, contenders, kNever);
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
