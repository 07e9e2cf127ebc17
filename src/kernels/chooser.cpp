#include "kernels/chooser.hpp"

#include <algorithm>

#include "base/format.hpp"
#include "kernels/subgraph_engine.hpp"

namespace octet {
namespace {

bool matches(std::string_view name, std::string_view pattern) {
  if (pattern.empty() || pattern.back() != '*') return name == pattern;
  pattern.remove_suffix(1);
  return name.substr(0, pattern.size()) == pattern;
}

// A sub-graph that somebody builds is not for the backends' own rows: the reference would run it,
// too.
std::vector<Candidate> with_builder(const Problem& problem, const SubgraphBuilder& builder,
                                    std::vector<Candidate> candidates, const Backend& backend) {
  const Verdict verdict = builder.check(problem);
  if (verdict.ok())
    for (Candidate& candidate : candidates)
      candidate.verdict =
          Verdict::refuse(concat(builder.kernel().name, " was asked to run the sub-graph"));
  candidates.insert(candidates.begin(), {&backend, &builder.kernel(), verdict, std::nullopt});
  return candidates;
}

}  // namespace

std::size_t FirstAccepting::choose(const Problem& problem, const Demands&,
                                   std::span<Candidate> candidates) {
  std::size_t best = candidates.size();
  double least = 0.0;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const Candidate& candidate = candidates[i];
    if (!candidate.verdict.ok()) continue;
    const auto estimate = candidate.kernel->estimate;
    if (best == candidates.size()) {
      best = i;
      if (estimate == nullptr) break;
      least = estimate(problem);
    } else if (estimate != nullptr && estimate(problem) < least) {
      best = i;
      least = estimate(problem);
    }
  }
  if (best == candidates.size()) throw Error(StatusCode::internal, "no candidate accepts");
  return best;
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
  if (problem.op->inner() == nullptr || demands.subgraphs == nullptr) return candidates;
  return with_builder(problem, *demands.subgraphs, std::move(candidates), *backends.front());
}

}  // namespace octet
