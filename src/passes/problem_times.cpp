#include "passes/problem_times.hpp"

#include <cmath>

namespace octet {

std::size_t ProblemTimes::add(const Problem& problem) {
  const auto [found, is_new] = by_key_.try_emplace(costs_.key(problem), items_.size());
  if (is_new) items_.push_back({problem, costs_.time(problem), false});
  return found->second;
}

double ProblemTimes::milliseconds(std::size_t item) const {
  return items_[item].closed ? std::numeric_limits<double>::infinity()
                             : items_[item].time.milliseconds;
}

bool ProblemTimes::is_settled(std::size_t item) const {
  return items_[item].time.measured || std::isinf(milliseconds(item));
}

void ProblemTimes::measure(std::size_t item, double worth) {
  if (is_settled(item)) return;
  items_[item].time = costs_.measure(items_[item].problem, worth);
  if (items_[item].time.measured) return;
  items_[item].closed = true;
  for (Item& other : items_)
    other.closed = other.closed || (std::isfinite(worth) && !other.time.measured);
}

}  // namespace octet
