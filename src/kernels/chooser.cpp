#include "kernels/chooser.hpp"

#include <algorithm>

namespace octet {
namespace {

bool matches(std::string_view name, std::string_view pattern) {
  if (pattern.empty() || pattern.back() != '*') return name == pattern;
  pattern.remove_suffix(1);
  return name.substr(0, pattern.size()) == pattern;
}

}  // namespace

std::size_t FirstAccepting::choose(const Problem&, const Demands&,
                                   std::span<Candidate> candidates) {
  const auto first =
      std::find_if(candidates.begin(), candidates.end(),
                   [](const Candidate& candidate) { return candidate.verdict.ok(); });
  if (first == candidates.end()) throw Error(StatusCode::internal, "no candidate accepts");
  return static_cast<std::size_t>(first - candidates.begin());
}

std::vector<Candidate> candidates_for(const Problem& problem, const Demands& demands,
                                      std::span<const Backend* const> backends,
                                      std::span<const std::string> skipped) {
  std::vector<Candidate> candidates;
  for (const Backend* backend : backends) {
    for (const Kernel& kernel : backend->kernels(problem.op->kind())) {
      const bool skip =
          std::any_of(skipped.begin(), skipped.end(),
                      [&](const std::string& pattern) { return matches(kernel.name, pattern); });
      candidates.push_back(
          {backend, &kernel,
           skip ? Verdict::refuse("it was asked to be skipped") : kernel.check(problem, demands),
           std::nullopt});
    }
  }
  return candidates;
}

}  // namespace octet
