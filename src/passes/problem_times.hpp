// Distinct problems and what they take, as far as it is known by now.
#pragma once

#include <map>

#include "kernels/cost_source.hpp"

namespace octet {

class ProblemTimes {
 public:
  explicit ProblemTimes(CostSource& costs) : costs_(costs) {}

  std::size_t add(const Problem& problem);  // the same number for problems of one key
  std::size_t size() const { return items_.size(); }
  // Milliseconds; infinity where it cannot be, or may not be measured.
  double milliseconds(std::size_t item) const;
  // What is known of it, whether it may be measured or not.
  const ProblemTime& time(std::size_t item) const { return items_[item].time; }
  // Measuring it would tell nothing new.
  bool is_settled(std::size_t item) const;
  // Settles it; times above `worth` need not be exact. When the time for measuring is over, this
  // item or, if `worth` is a limit, all that are not settled count as impossible from now on.
  void measure(std::size_t item, double worth);

 private:
  struct Item {
    Problem problem;
    ProblemTime time;
    bool closed = false;  // it was to be measured when the time for that was over
  };

  CostSource& costs_;
  std::vector<Item> items_;
  std::map<std::string, std::size_t> by_key_;
};

}  // namespace octet
