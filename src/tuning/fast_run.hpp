// --fast-run: the fastest kernel by measurement, once per distinct problem.
#pragma once

#include <functional>
#include <limits>
#include <map>
#include <mutex>
#include <octet/options.hpp>
#include <string>

#include "kernels/chooser.hpp"
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

 private:
  using Chosen = std::vector<const Candidate*>;

  const KernelTimes& times_for(const Problem& problem, const Demands& demands,
                               std::span<const Candidate> candidates);
  KernelTimes measure(const Problem& problem, const Demands& demands, const Chosen& chosen);
  bool has_time();
  void report(const std::string& problem, const std::string& kernel) const;

  FastRunOptions options_;
  std::mutex mutex_;
  std::map<std::string, KernelTimes> known_;  // by problem text
  std::size_t expected_ = 0, done_ = 0;       // problems of the plan that is being made
  double spent_ms_ = 0.0;
  bool said_enough_ = false;
};

}  // namespace octet
