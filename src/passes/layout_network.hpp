// A graph's choice of layouts as the solver sees it.
#pragma once

#include "passes/layout_choices.hpp"
#include "passes/layout_solver.hpp"
#include "passes/problem_times.hpp"

namespace octet {

class LayoutNetwork {
 public:
  // Throws Error(internal) where the graph has more layouts than the solver takes.
  LayoutNetwork(const Graph& graph, std::span<const LayoutChoices> choices, ProblemTimes& times);

  // Whether any operator could leave its first option.
  bool is_open() const;
  // Items of `times`: of choice `i`, by option; none where only its first option can be, so that
  // its time makes no difference.
  const std::vector<std::size_t>& items(std::size_t i) const { return choosers_[i].items; }

  // With the times that are known now. An operator that leaves its first option costs `doubt` times
  // what it takes.
  void update_costs(double doubt);
  const LayoutProblem& problem() const { return problem_; }

  // An option for each step, as the solver gives it, from one for each choice, and back.
  std::vector<std::size_t> steps_of(std::span<const std::size_t> options) const;
  std::vector<std::size_t> options_of(std::span<const std::size_t> steps) const;
  // The items that these steps' costs are made of; one appears as often as it counts.
  std::vector<std::size_t> items_of(std::span<const std::size_t> steps) const;

 private:
  struct Chooser {
    std::size_t step = 0;
    std::vector<std::size_t> items;
  };
  struct Conversion {
    LayoutConversion what;
    std::size_t item = 0;
  };

  ProblemTimes& times_;
  LayoutProblem problem_;
  std::vector<Chooser> choosers_;
  std::vector<Conversion> conversions_;  // all that there could be
};

}  // namespace octet
