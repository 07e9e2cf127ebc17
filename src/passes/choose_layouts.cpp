#include "passes/choose_layouts.hpp"

#include <algorithm>
#include <cmath>

#include "base/hash.hpp"
#include "base/log.hpp"
#include "ir/graph_hash.hpp"
#include "passes/layout_text.hpp"

namespace octet {
namespace {

class Chooser {
 public:
  Chooser(Graph& graph, const std::vector<LayoutPolicy>& policies, CostSource& costs,
          LayoutMemory& memory)
      : graph_(graph), costs_(costs), memory_(memory), choices_(layout_choices(graph, policies)) {}

  void run() {
    if (choices_.empty()) return;
    const std::string question = concat("layouts of graph ", to_hex(structure_hash(graph_)));
    auto found = parse_layouts(memory_.recall(question), choices_);
    if (found && !runs(*found)) found.reset();
    if (!found) found = search(question);
    if (!found) return;
    const auto moves = [](std::size_t option) { return option != 0; };
    if (std::any_of(found->options.begin(), found->options.end(), moves))
      apply_layouts(graph_, choices_, found->options);
    for (std::size_t i = 0; i < choices_.size(); ++i)
      memory_.note(Problem::of(graph_, choices_[i].node), std::move(found->layouts[i]));
  }

 private:
  std::optional<FoundLayouts> search(const std::string& question) {
    if (!costs_.measures()) return std::nullopt;
    auto found = search_layouts(graph_, choices_, costs_);
    // Problems of one key take the same time, but might not be run by the same kernels.
    if (!found || !runs(*found)) return std::nullopt;
    log(LogLevel::info, "layouts: ", found->milliseconds, " ms instead of ", found->before,
        " ms, after ", found->measurements, " measurements of alternatives",
        found->is_exact ? "" : "; there were too many possibilities to look at all of them");
    if (found->milliseconds > 0.0) memory_.remember(question, to_text(*found), found->milliseconds);
    return found;
  }

  // Whether each operator that changes its layout has a kernel that is not just there so that
  // everything runs.
  bool runs(const FoundLayouts& found) const {
    for (std::size_t i = 0; i < choices_.size(); ++i)
      if (found.options[i] != 0 &&
          std::isinf(costs_.time(problem_with(graph_, choices_[i], found.options[i])).milliseconds))
        return false;
    return true;
  }

  Graph& graph_;
  CostSource& costs_;
  LayoutMemory& memory_;
  std::vector<LayoutChoices> choices_;
};

}  // namespace

Pass choose_layouts_pass(std::vector<LayoutPolicy> policies, std::shared_ptr<CostSource> costs,
                         std::shared_ptr<LayoutMemory> memory) {
  return {"choose_layouts",
          [policies = std::move(policies), costs = std::move(costs), memory = std::move(memory)](
              Graph& graph) { Chooser(graph, policies, *costs, *memory).run(); }};
}

}  // namespace octet
