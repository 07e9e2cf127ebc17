// What fast-run knows and measures, for the choice of layouts.
#pragma once

#include <atomic>

#include "kernels/cost_source.hpp"
#include "tuning/fast_run.hpp"

namespace octet {

// Who would run the problems, and how.
struct LayoutSetting {
  std::vector<const Backend*> backends;  // as in PlanOptions
  Demands demands;
  std::vector<std::string> skip_kernels;
  double alternatives_ms = 2000.0;  // what looking at alternatives may take in each search
};

// Times come from a FastRun, which keeps them for the plan and in the tuning file. A measurement
// with an unlimited `worth` is as thorough as one for a plan. One with a limit is for an
// alternative: only the kMostContenders cheapest rows by estimate take part, and some time after
// the first one all are refused, unless the run is full. What was not measured is bounded by the
// products at the device's highest rate, and by half of the cheapest row's estimate or of what the
// bytes would take from the memory: estimates are trusted to a factor of two.
class LayoutCosts final : public CostSource, public LayoutMemory {
 public:
  static constexpr std::size_t kMostContenders = 4;

  // `search` must outlive it.
  LayoutCosts(FastRun& search, LayoutSetting setting)
      : search_(search), setting_(std::move(setting)) {}

  bool measures() const override { return search_.options().measures; }
  void begin(std::size_t problems) override;
  std::string key(const Problem& problem) const override;
  ProblemTime time(const Problem& problem) override;
  ProblemTime measure(const Problem& problem, double worth) override;

  std::string recall(const std::string& question) override;
  void remember(const std::string& question, const std::string& answer,
                double milliseconds) override;
  void note(const Problem& problem, std::vector<LayoutInfo> layouts) override;

 private:
  struct Asked;

  Asked ask(const Problem& problem, std::size_t most) const;
  double bound(const Asked& asked) const;
  // The one that is asked first, whose memory the operands are in.
  const Backend& backend() const { return *setting_.backends.front(); }
  TuningKey question_key(const std::string& question) const;

  FastRun& search_;
  const LayoutSetting setting_;
  std::atomic<double> end_ms_ = 0.0;  // of the time for alternatives; 0: it has not begun
};

}  // namespace octet
