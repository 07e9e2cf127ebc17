// --fast-run: the fastest kernel by measurement, once per distinct problem.
#pragma once

#include <functional>
#include <limits>
#include <map>
#include <mutex>
#include <octet/options.hpp>
#include <string>

#include "tuning/contenders.hpp"
#include "tuning/tuning_store.hpp"

namespace octet {

struct FastRunOptions {
  // Off: only times that are known already decide, and where there are none, order and estimate.
  bool measures = true;
  // Also kernels that are there for completeness, and as many as there are.
  bool full = false;
  // Above 0: measure every problem at this batch, and let the outcome hold for all batches.
  std::int64_t shared_batch = 0;
  // When so much time was spent on measuring, the rest goes by order and estimate.
  double seconds = std::numeric_limits<double>::infinity();
  std::shared_ptr<TuningStore> store;  // may be nullptr
  std::function<void(const SearchProgress&)> on_progress;
};

// Times the candidates that accept and remembers the winner by the problem's text. Without `full`
// at most kMostTimed are timed, those with the least estimates where rows estimate. Thread safe;
// one problem is measured at a time.
class FastRun final : public KernelChooser {
 public:
  static constexpr std::size_t kMostTimed = 12;

  explicit FastRun(FastRunOptions options = {}) : options_(std::move(options)) {}

  void expect(std::size_t problems) override;
  std::size_t choose(const Problem& problem, const Demands& demands,
                     std::span<Candidate> candidates) override;

  // The rest is for those who compare problems, not kernels.
  const FastRunOptions& options() const noexcept { return options_; }
  // The problem that is measured for this one.
  Problem asked(const Problem& problem) const;
  // What is known without measuring; `backend` is the one that is asked first.
  KernelTimes times(const Problem& problem, const Demands& demands, const Backend& backend);
  // Of these candidates at least, unless nothing may be measured any more. Times above `worth`
  // need not be exact.
  KernelTimes time(const Problem& problem, const Demands& demands, const Backend& backend,
                   const Contenders& contenders, double worth);
  // What layouts() is to tell about this problem.
  void note_layouts(const Problem& problem, std::vector<LayoutInfo> layouts);
  std::vector<LayoutInfo> layouts(const Problem& problem) const override;

 private:
  // The following are called under the lock.
  KernelTimes& known(const TuningKey& key);
  const KernelTimes& times_for(const Problem& problem, const Demands& demands,
                               const Backend& backend, const Contenders& contenders, double worth);
  KernelTimes measure(const Problem& problem, const Demands& demands, const Contenders& contenders,
                      double worth);
  bool has_time();
  void report(const std::string& problem, const std::string& kernel) const;

  const FastRunOptions options_;
  mutable std::mutex mutex_;
  std::map<std::string, KernelTimes> known_;                // by problem text without scales
  std::map<std::string, std::vector<LayoutInfo>> layouts_;  // by problem text
  std::size_t expected_ = 0, done_ = 0;  // problems of the plan that is being made
  double spent_ms_ = 0.0;
  bool said_enough_ = false;
};

}  // namespace octet
