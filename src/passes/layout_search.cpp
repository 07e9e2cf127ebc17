#include "passes/layout_search.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "passes/layout_network.hpp"

namespace octet {
namespace {

// What an operator that leaves its layout must gain; less may be chance.
constexpr double kDoubt = 1.02;

class LayoutSearch {
 public:
  LayoutSearch(const Graph& graph, std::span<const LayoutChoices> choices, CostSource& costs)
      : choices_(choices), costs_(costs), times_(costs), network_(graph, choices, times_) {}

  std::optional<FoundLayouts> run() {
    const std::vector<std::size_t> as_it_is =
        network_.steps_of(std::vector<std::size_t>(choices_.size(), 0));
    FoundLayouts found;
    if (!network_.is_open()) return tell(as_it_is, std::move(found));
    const std::vector<std::size_t> items = network_.items_of(as_it_is);
    costs_.begin(std::set<std::size_t>(items.begin(), items.end()).size());
    for (const std::size_t item : items) {
      const bool was_known = is_known(item);
      times_.measure(item, std::numeric_limits<double>::infinity());
      if (was_known && !is_known(item)) return std::nullopt;
    }
    found.before = sum_of(as_it_is);
    const std::vector<std::size_t> steps = best_beside(as_it_is, found);
    return tell(steps, std::move(found));
  }

 private:
  std::vector<std::size_t> best_beside(const std::vector<std::size_t>& as_it_is,
                                       FoundLayouts& found) {
    while (true) {
      network_.update_costs(kDoubt);
      LayoutSolution solution = solve(network_.problem());
      found.is_exact = found.is_exact && solution.is_exact;
      const double gain = cost_of(network_.problem(), as_it_is) - solution.cost;
      if (!(gain > 0.0)) return as_it_is;
      const auto doubtful = largest_unsettled(solution.options);
      if (!doubtful) return std::move(solution.options);
      // With a time of more than this the solution would not be better than the graph as it is.
      times_.measure(doubtful->item, times_.milliseconds(doubtful->item) + gain);
      ++found.measurements;
    }
  }

  struct Doubtful {
    std::size_t item = 0;
    double weight = 0.0;  // its time, as often as it counts
  };

  std::optional<Doubtful> largest_unsettled(const std::vector<std::size_t>& steps) const {
    std::map<std::size_t, double> weights;
    for (const std::size_t item : network_.items_of(steps))
      if (!times_.is_settled(item)) weights[item] += times_.milliseconds(item);
    std::optional<Doubtful> largest;
    for (const auto& [item, weight] : weights)
      if (!largest || weight > largest->weight) largest = Doubtful{item, weight};
    return largest;
  }

  bool is_known(std::size_t item) const { return std::isfinite(times_.milliseconds(item)); }

  // Of what has a time.
  double sum_of(const std::vector<std::size_t>& steps) const {
    double sum = 0.0;
    for (const std::size_t item : network_.items_of(steps))
      if (is_known(item)) sum += times_.milliseconds(item);
    return sum;
  }

  FoundLayouts tell(const std::vector<std::size_t>& steps, FoundLayouts found) const {
    found.options = network_.options_of(steps);
    found.milliseconds = sum_of(steps);
    for (std::size_t i = 0; i < choices_.size(); ++i)
      found.layouts.push_back(considered(i, found.options[i]));
    return found;
  }

  std::vector<LayoutInfo> considered(std::size_t i, std::size_t chosen) const {
    const std::vector<std::size_t>& items = network_.items(i);
    const auto info = [&](std::size_t option) {
      LayoutInfo layout{to_string(choices_[i].options[option]), std::nullopt, false};
      if (items.empty()) return layout;
      const ProblemTime& time = times_.time(items[option]);
      if (std::isfinite(time.milliseconds)) layout.milliseconds = time.milliseconds;
      layout.is_bound = !time.measured;
      return layout;
    };
    std::vector<LayoutInfo> layouts{info(chosen)};
    for (std::size_t option = 0; option < items.size(); ++option)
      if (option != chosen && info(option).milliseconds) layouts.push_back(info(option));
    std::stable_sort(
        layouts.begin() + 1, layouts.end(),
        [](const LayoutInfo& a, const LayoutInfo& b) { return a.milliseconds < b.milliseconds; });
    return layouts;
  }

  std::span<const LayoutChoices> choices_;
  CostSource& costs_;
  ProblemTimes times_;
  LayoutNetwork network_;
};

}  // namespace

std::optional<FoundLayouts> search_layouts(const Graph& graph,
                                           std::span<const LayoutChoices> choices,
                                           CostSource& costs) {
  return LayoutSearch(graph, choices, costs).run();
}

}  // namespace octet
