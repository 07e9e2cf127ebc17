#include "tuning/contenders.hpp"

#include <algorithm>
#include <limits>

namespace octet {

constexpr double kNever = std::numeric_limits<double>::infinity();

double estimate_of(const Candidate& candidate, const Problem& problem) {
  const auto estimate = candidate.kernel->estimate;
  return estimate == nullptr ? kNever : estimate(problem);
}

bool is_tuned_list(std::span<const Candidate> candidates) {
  return std::any_of(candidates.begin(), candidates.end(), [](const Candidate& candidate) {
    return candidate.kernel->estimate != nullptr;
  });
}

Contenders worth_timing(const Problem& problem, std::span<const Candidate> candidates, bool full,
                        std::size_t most) {
  struct Row {
    const Candidate* candidate;
    double estimate;
  };
  std::vector<Row> rows;
  for (const Candidate& candidate : candidates)
    if (candidate.verdict.ok() && (full || !candidate.kernel->naive))
      rows.push_back({&candidate, estimate_of(candidate, problem)});
  std::stable_sort(rows.begin(), rows.end(),
                   [](const Row& a, const Row& b) { return a.estimate < b.estimate; });
  if (!full && !rows.empty() && rows.front().estimate < kNever)
    std::erase_if(rows, [](const Row& row) { return row.estimate == kNever; });
  if (!full && rows.size() > most) rows.resize(most);
  Contenders contenders;
  for (const Row& row : rows) contenders.push_back(row.candidate);
  return contenders;
}

}  // namespace octet
