#include "tuning/layout_costs.hpp"

#include <algorithm>
#include <cmath>
#include <octet/version.hpp>

#include "base/format.hpp"
#include "kernels/cost.hpp"
#include "tuning/clock.hpp"
#include "tuning/tuning_key.hpp"
#include "tuning/workbench.hpp"

namespace octet {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();
// Of an estimate: the truth is not below this part of it.
constexpr double kTrust = 0.5;

}  // namespace

// A problem as it would be measured, with who could run it.
struct LayoutCosts::Asked {
  Problem problem;
  std::vector<Candidate> candidates;
  Contenders contenders;  // enough of them to speak for the layout

  // Of the fastest that accepts, once there are times for `contenders`.
  ProblemTime fastest(const KernelTimes& times) const {
    for (const Candidate* contender : contenders)
      if (!times.contains(contender->kernel->name)) return {};
    ProblemTime least{kNever, true};
    for (const Candidate& candidate : candidates)
      if (const auto found = times.find(candidate.kernel->name);
          candidate.verdict.ok() && found != times.end())
        least.milliseconds = std::min(least.milliseconds, found->second);
    return least;
  }
};

LayoutCosts::Asked LayoutCosts::ask(const Problem& problem, std::size_t most) const {
  Asked asked{search_.asked(problem), {}, {}};
  asked.candidates =
      candidates_for(asked.problem, setting_.demands, setting_.backends, setting_.skip_kernels);
  const bool full = search_.options().full;
  asked.contenders = worth_timing(asked.problem, asked.candidates, full, most);
  const bool just_runs = !asked.contenders.empty() && is_tuned_list(asked.candidates) &&
                         asked.contenders.front()->kernel->estimate == nullptr;
  if (just_runs && !full) asked.contenders.clear();
  return asked;
}

std::string LayoutCosts::key(const Problem& problem) const {
  return tuning_key(search_.asked(problem), setting_.demands, backend()).problem;
}

ProblemTime LayoutCosts::time(const Problem& problem) {
  const Asked asked = ask(problem, kMostContenders);
  if (asked.contenders.empty()) return {};
  const ProblemTime known =
      asked.fastest(search_.times(asked.problem, setting_.demands, backend()));
  return known.measured ? known : ProblemTime{bound(asked), false};
}

double LayoutCosts::bound(const Asked& asked) const {
  const Cost cost = cost_of(asked.problem);
  const DevicePeaks peaks = backend().peaks();
  const std::size_t bytes = operand_bytes(asked.problem);
  double products = 0.0, guess = 0.0;  // milliseconds
  if (peaks.int8_macs_per_second > 0.0)
    products = static_cast<double>(cost.macs) / peaks.int8_macs_per_second * 1e3;
  // Operands that stay in the cache may be faster than the memory.
  if (peaks.bytes_per_second > 0.0 && operand_sets(bytes, backend().cache_bytes()) > 1)
    guess = static_cast<double>(bytes) / peaks.bytes_per_second * 1e3;
  if (const double estimate = estimate_of(*asked.contenders.front(), asked.problem);
      estimate < kNever)
    guess = std::max(guess, estimate / 1e3);
  return std::max(products, kTrust * guess);
}

void LayoutCosts::begin(std::size_t problems) {
  search_.expect(problems);
  end_ms_ = 0.0;
}

ProblemTime LayoutCosts::measure(const Problem& problem, double worth) {
  const bool is_alternative = worth < kNever;
  if (is_alternative && end_ms_ == 0.0) end_ms_ = now_ms() + setting_.alternatives_ms;
  if (is_alternative && !search_.options().full && now_ms() >= end_ms_) return time(problem);
  const Asked asked = ask(problem, is_alternative ? kMostContenders : FastRun::kMostTimed);
  if (asked.contenders.empty()) return {};
  return asked.fastest(
      search_.time(asked.problem, setting_.demands, backend(), asked.contenders, worth));
}

// What was decided holds for the device, and for everything that decides which kernels may run.
TuningKey LayoutCosts::question_key(const std::string& question) const {
  const FastRunOptions& options = search_.options();
  const Demands& demands = setting_.demands;
  std::string text =
      concat(question, " octet=", version(), " numerics=", static_cast<int>(demands.numerics),
             " workspace=", demands.workspace_limit, " full=", options.full,
             " batch=", options.shared_batch);
  if (backend().is_host()) text += concat(" threads=", demands.threads);
  if (!setting_.skip_kernels.empty()) text += concat(" without=", join(setting_.skip_kernels, ","));
  return {backend().identity(), std::move(text)};
}

std::string LayoutCosts::recall(const std::string& question) {
  if (!search_.options().store) return {};
  const KernelTimes kept = search_.options().store->load(question_key(question));
  return kept.size() == 1 ? kept.begin()->first : std::string();
}

void LayoutCosts::remember(const std::string& question, const std::string& answer,
                           double milliseconds) {
  if (search_.options().store)
    search_.options().store->save(question_key(question), {{answer, milliseconds}});
}

void LayoutCosts::note(const Problem& problem, std::vector<LayoutInfo> layouts) {
  search_.note_layouts(problem, std::move(layouts));
}

}  // namespace octet
