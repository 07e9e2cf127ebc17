#include "passes/layout_solver.hpp"

#include <algorithm>
#include <limits>
#include <map>

namespace octet {
namespace {

using Layout = LayoutProblem::Layout;
using Mask = std::uint8_t;  // a set of layouts

constexpr double kNever = std::numeric_limits<double>::infinity();
// How many of the cheapest states the others are compared with.
constexpr std::size_t kRivals = 16;

Mask bit(Layout layout) { return static_cast<Mask>(1u << layout); }

// Where a value exists that is still to be read.
struct Form {
  Layout written = 0;
  Mask exists = 0;
  friend auto operator<=>(const Form&, const Form&) = default;
};

struct State {
  std::vector<Form> forms;  // of the live values, in their order
  double cost = 0.0;
  std::size_t before = 0;  // the state of the step before that it came from
  std::size_t option = 0;  // that was taken since
};

// A value between the step that writes it and the last one that reads it.
struct Live {
  std::size_t value = 0;
  Mask wanted = 0;  // the layouts that steps to come may ask for
};

class Search {
 public:
  Search(const LayoutProblem& problem, std::size_t most_states)
      : problem_(problem), most_states_(most_states) {}

  LayoutSolution run() {
    find_wanted();
    generations_.push_back({State{}});
    for (std::size_t s = 0; s < problem_.steps.size(); ++s) take(s);
    return trace();
  }

 private:
  // wanted_[step][i]: what steps behind `step` want of its reads, then of its writes.
  void find_wanted() {
    std::vector<Mask> later(problem_.values.size(), 0);
    wanted_.resize(problem_.steps.size());
    for (std::size_t s = problem_.steps.size(); s-- > 0;) {
      const LayoutProblem::Step& step = problem_.steps[s];
      for (const auto* values : {&step.reads, &step.writes})
        for (const std::size_t value : *values) wanted_[s].push_back(later[value]);
      for (const LayoutProblem::Option& option : step.options)
        for (std::size_t i = 0; i < step.reads.size(); ++i)
          later[step.reads[i]] |= bit(option.reads[i]);
    }
  }

  double conversion(std::size_t value, Layout from, Layout to) const {
    return problem_.values[value][from][to];
  }

  std::size_t slot_of(std::size_t value) const {
    return static_cast<std::size_t>(
        std::find_if(live_.begin(), live_.end(),
                     [&](const Live& live) { return live.value == value; }) -
        live_.begin());
  }

  // From the live values before step `s` to those behind it.
  void take(std::size_t s) {
    const LayoutProblem::Step& step = problem_.steps[s];
    std::vector<std::size_t> slots;
    for (const std::size_t value : step.reads) slots.push_back(slot_of(value));
    for (std::size_t i = 0; i < slots.size(); ++i) live_[slots[i]].wanted = wanted_[s][i];

    std::map<std::vector<Form>, State> reached;
    const std::vector<State>& states = generations_.back();
    for (std::size_t from = 0; from < states.size(); ++from)
      for (std::size_t o = 0; o < step.options.size(); ++o) {
        State next = states[from];
        next.before = from;
        next.option = o;
        if (!apply(step, step.options[o], slots, next)) continue;
        const auto [found, is_new] = reached.try_emplace(next.forms, next);
        if (!is_new && next.cost < found->second.cost) found->second = std::move(next);
      }
    forget_read_values(s);
    std::vector<State> next;
    for (auto& [forms, state] : reached) next.push_back(std::move(state));
    generations_.push_back(thin_out(std::move(next)));
  }

  // False where it cannot be.
  bool apply(const LayoutProblem::Step& step, const LayoutProblem::Option& option,
             const std::vector<std::size_t>& slots, State& state) const {
    state.cost += option.cost;
    for (std::size_t i = 0; i < slots.size(); ++i) {
      Form& form = state.forms[slots[i]];
      const Layout layout = option.reads[i];
      if ((form.exists & bit(layout)) != 0) continue;
      form.exists |= bit(layout);
      state.cost += conversion(step.reads[i], form.written, layout);
    }
    if (!(state.cost < kNever)) return false;
    std::vector<Form> forms;
    for (std::size_t i = 0; i < live_.size(); ++i)
      if (live_[i].wanted != 0) forms.push_back(only_wanted(state.forms[i], live_[i].wanted));
    const std::size_t s = generations_.size() - 1, reads = step.reads.size();
    for (std::size_t i = 0; i < step.writes.size(); ++i)
      if (const Mask wanted = wanted_[s][reads + i]; wanted != 0)
        forms.push_back(only_wanted({option.writes[i], bit(option.writes[i])}, wanted));
    state.forms = std::move(forms);
    return true;
  }

  // Forms that nobody will ask for make no difference.
  static Form only_wanted(Form form, Mask wanted) {
    form.exists &= wanted;
    return form;
  }

  void forget_read_values(std::size_t s) {
    std::erase_if(live_, [](const Live& live) { return live.wanted == 0; });
    const LayoutProblem::Step& step = problem_.steps[s];
    for (std::size_t i = 0; i < step.writes.size(); ++i)
      if (const Mask wanted = wanted_[s][step.reads.size() + i]; wanted != 0)
        live_.push_back({step.writes[i], wanted});
  }

  // The most that `state` may have to pay for conversions that `other` need not pay for.
  double handicap(const State& state, const State& other) const {
    double sum = 0.0;
    for (std::size_t i = 0; i < live_.size(); ++i)
      for (Layout to = 0; to < LayoutProblem::kMostLayouts; ++to) {
        if ((live_[i].wanted & bit(to)) == 0) continue;
        const double here = price(live_[i].value, state.forms[i], to);
        const double there = price(live_[i].value, other.forms[i], to);
        if (here > there) sum += here - there;
      }
    return sum;
  }

  double price(std::size_t value, const Form& form, Layout to) const {
    return (form.exists & bit(to)) != 0 ? 0.0 : conversion(value, form.written, to);
  }

  // Without the states that cannot be part of the only optimum.
  std::vector<State> thin_out(std::vector<State> states) {
    std::stable_sort(states.begin(), states.end(),
                     [](const State& a, const State& b) { return a.cost < b.cost; });
    std::vector<State> kept;
    for (State& state : states) {
      const auto rivals = static_cast<std::ptrdiff_t>(std::min(kRivals, kept.size()));
      if (std::any_of(kept.begin(), kept.begin() + rivals, [&](const State& rival) {
            return rival.cost + handicap(rival, state) <= state.cost;
          }))
        continue;
      kept.push_back(std::move(state));
    }
    if (kept.size() > most_states_) {
      kept.resize(most_states_);
      is_exact_ = false;
    }
    return kept;
  }

  LayoutSolution trace() const {
    LayoutSolution solution;
    solution.options.assign(problem_.steps.size(), 0);
    solution.is_exact = is_exact_;
    const std::vector<State>& last = generations_.back();
    if (last.empty()) {
      solution.cost = kNever;
      return solution;
    }
    solution.cost = last.front().cost;
    std::size_t at = 0;
    for (std::size_t s = problem_.steps.size(); s-- > 0;) {
      const State& state = generations_[s + 1][at];
      solution.options[s] = state.option;
      at = state.before;
    }
    return solution;
  }

  const LayoutProblem& problem_;
  const std::size_t most_states_;
  std::vector<std::vector<Mask>> wanted_;
  std::vector<Live> live_;
  std::vector<std::vector<State>> generations_;  // before the first step, and behind each
  bool is_exact_ = true;
};

}  // namespace

LayoutSolution solve(const LayoutProblem& problem, std::size_t most_states) {
  return Search(problem, most_states).run();
}

std::vector<LayoutConversion> conversions_of(const LayoutProblem& problem,
                                             std::span<const std::size_t> options) {
  std::vector<LayoutConversion> conversions;
  std::vector<Form> forms(problem.values.size());
  for (std::size_t s = 0; s < problem.steps.size(); ++s) {
    const LayoutProblem::Step& step = problem.steps[s];
    const LayoutProblem::Option& option = step.options[options[s]];
    for (std::size_t i = 0; i < step.reads.size(); ++i) {
      Form& form = forms[step.reads[i]];
      if ((form.exists & bit(option.reads[i])) != 0) continue;
      form.exists |= bit(option.reads[i]);
      conversions.push_back({step.reads[i], form.written, option.reads[i]});
    }
    for (std::size_t i = 0; i < step.writes.size(); ++i)
      forms[step.writes[i]] = {option.writes[i], bit(option.writes[i])};
  }
  return conversions;
}

double cost_of(const LayoutProblem& problem, std::span<const std::size_t> options) {
  double cost = 0.0;
  for (std::size_t s = 0; s < problem.steps.size(); ++s)
    cost += problem.steps[s].options[options[s]].cost;
  for (const LayoutConversion& conversion : conversions_of(problem, options))
    cost += problem.values[conversion.value][conversion.from][conversion.to];
  return cost;
}

}  // namespace octet
