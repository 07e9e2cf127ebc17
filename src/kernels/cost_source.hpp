// What problems take, for those who choose between ways to run a graph.
#pragma once

#include <limits>
#include <octet/plan_info.hpp>
#include <string>
#include <vector>

#include "kernels/kernel.hpp"

namespace octet {

struct ProblemTime {
  // Infinity: only kernels run it that are there so that everything runs, or none does.
  double milliseconds = std::numeric_limits<double>::infinity();
  bool measured = false;  // false: a bound that measurements are not expected to fall below
};

class CostSource {
 public:
  virtual ~CostSource() = default;

  // False: there is nothing to be had but what is known already.
  virtual bool measures() const = 0;
  // A search begins, which will measure about so many problems.
  virtual void begin(std::size_t problems) { static_cast<void>(problems); }
  // Problems of one key take the same time.
  virtual std::string key(const Problem& problem) const = 0;
  // What is known without measuring anything.
  virtual ProblemTime time(const Problem& problem) = 0;
  // Measures where that was not done yet. Times above `worth` need not be exact; without a limit
  // the problem is part of what is compared with, otherwise an alternative. What comes back is not
  // measured when the time for that is over.
  virtual ProblemTime measure(const Problem& problem, double worth) = 0;
};

// Where decisions about whole graphs are kept, and told to those who report them.
class LayoutMemory {
 public:
  virtual ~LayoutMemory() = default;

  // What was answered to this question on this device; empty: nothing. The text may come from a
  // file that anybody wrote.
  virtual std::string recall(const std::string& question) = 0;
  virtual void remember(const std::string& question, const std::string& answer,
                        double milliseconds) = 0;
  // The layouts that the operator of this problem had, the chosen one first.
  virtual void note(const Problem& problem, std::vector<LayoutInfo> layouts) = 0;
};

}  // namespace octet
