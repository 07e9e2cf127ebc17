// Who decides which kernel runs a problem.
#pragma once

#include <octet/plan_info.hpp>
#include <span>

#include "kernels/backend.hpp"

namespace octet {

// A row of a backend's list with its verdict on one problem, and, where it was timed, its time.
struct Candidate {
  const Backend* backend = nullptr;
  const Kernel* kernel = nullptr;
  Verdict verdict;
  std::optional<double> milliseconds;
};

class KernelChooser {
 public:
  virtual ~KernelChooser() = default;
  // Told before a plan is made how many calls of choose() are to come.
  virtual void expect(std::size_t problems) { static_cast<void>(problems); }
  // The index of a candidate that accepts; at least one does. May fill in the times it measured.
  virtual std::size_t choose(const Problem& problem, const Demands& demands,
                             std::span<Candidate> candidates) = 0;
  // For StepInfo: what is known about the layouts of this problem's operator.
  virtual std::vector<LayoutInfo> layouts(const Problem& problem) const {
    static_cast<void>(problem);
    return {};
  }
};

// The first that accepts, since lists are ordered by what is usually fastest; where that row
// estimates its time, the one with the least estimate.
class FirstAccepting final : public KernelChooser {
 public:
  std::size_t choose(const Problem& problem, const Demands& demands,
                     std::span<Candidate> candidates) override;
};

// Every row of the backends for the problem, in order, with its verdict. Rows named in `skipped`
// (a name, or a prefix that ends in '*') are refused.
std::vector<Candidate> candidates_for(const Problem& problem, const Demands& demands,
                                      std::span<const Backend* const> backends,
                                      std::span<const std::string> skipped = {});

}  // namespace octet
