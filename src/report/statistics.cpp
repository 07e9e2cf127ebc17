#include "report/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

namespace octet {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

double percentile(const std::vector<double>& sorted, double share) {
  if (sorted.empty()) return kNone;
  const double place = share * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  const double weight = place - static_cast<double>(below);
  return sorted[below] + weight * (sorted[above] - sorted[below]);
}

}  // namespace

Statistics summarise(std::span<const double> samples) {
  std::vector<double> sorted(samples.begin(), samples.end());
  std::sort(sorted.begin(), sorted.end());
  Statistics result;
  result.count = sorted.size();
  const auto n = static_cast<double>(sorted.size());
  result.total = std::accumulate(sorted.begin(), sorted.end(), 0.0);
  result.mean = sorted.empty() ? kNone : result.total / n;
  result.lowest = sorted.empty() ? kNone : sorted.front();
  result.highest = sorted.empty() ? kNone : sorted.back();
  double squares = 0.0;
  for (const double sample : sorted) squares += (sample - result.mean) * (sample - result.mean);
  result.deviation = sorted.size() < 2 ? kNone : std::sqrt(squares / (n - 1.0));
  result.p50 = percentile(sorted, 0.50);
  result.p90 = percentile(sorted, 0.90);
  result.p95 = percentile(sorted, 0.95);
  result.p99 = percentile(sorted, 0.99);
  return result;
}

}  // namespace octet
