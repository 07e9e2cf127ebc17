// --fast-run: the fastest kernel by measurement, once per distinct problem.
#pragma once

#include <map>
#include <mutex>
#include <string>

#include "kernels/chooser.hpp"

namespace octet {

// Times the candidates that accept and remembers the winner by the problem's text. At most
// kMostTimed are timed, those with the least estimates first where rows estimate. Thread safe; one
// problem is measured at a time.
class FastRun final : public KernelChooser {
 public:
  static constexpr std::size_t kMostTimed = 12;

  std::size_t choose(const Problem& problem, const Demands& demands,
                     std::span<Candidate> candidates) override;

 private:
  using Times = std::map<std::string, double>;  // milliseconds by kernel name
  const Times& times_for(const Problem& problem, const Demands& demands,
                         std::span<const Candidate> candidates);

  std::mutex mutex_;
  std::map<std::string, Times> known_;  // by problem text
};

}  // namespace octet
