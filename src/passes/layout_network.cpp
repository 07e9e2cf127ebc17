#include "passes/layout_network.hpp"

#include <algorithm>
#include <cmath>

#include "passes/relayouts.hpp"

namespace octet {
namespace {

using Code = LayoutProblem::Layout;

// Of what only slow kernels run: worse than anything that is ever measured.
constexpr double kSlow = 1e6;

// The layouts of a graph as small numbers.
class LayoutCodes {
 public:
  Code operator()(const Layout& layout) {
    const auto found = std::find(layouts_.begin(), layouts_.end(), layout);
    if (found == layouts_.end() && layouts_.size() == LayoutProblem::kMostLayouts)
      throw Error(StatusCode::internal, "a graph has too many layouts to choose among");
    const auto code = static_cast<Code>(found - layouts_.begin());
    if (found == layouts_.end()) layouts_.push_back(layout);
    return code;
  }
  const Layout& layout(Code code) const { return layouts_[code]; }

 private:
  std::vector<Layout> layouts_;
};

// Makes the steps: the inputs of the graph, the nodes that read or write images, the outputs.
class StepBuilder {
 public:
  StepBuilder(const Graph& graph, LayoutProblem& problem) : graph_(graph), problem_(problem) {}

  void add_input(ValueId id) {
    if (!is_image(graph_, id)) return;
    LayoutProblem::Step step;
    write(step, id);
    step.options = {{{}, {codes_(graph_.type(id).layout)}, 0.0}};
    problem_.steps.push_back(std::move(step));
  }

  // `choices` may be nullptr.
  void add_node(NodeId id, const LayoutChoices* choices) {
    const Node& node = graph_.node(id);
    if (node.as<Relayout>() != nullptr) return;
    LayoutProblem::Step step;
    LayoutProblem::Option now;
    std::vector<bool> chooses;  // by read
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      if (!read(step, node.inputs[i])) continue;
      now.reads.push_back(codes_(graph_.type(node.inputs[i]).layout));
      chooses.push_back(choices != nullptr &&
                        std::find(choices->operands.begin(), choices->operands.end(), i) !=
                            choices->operands.end());
    }
    for (const ValueId output : node.outputs) {
      if (!is_image(graph_, output) || graph_.known(output) != nullptr) continue;
      write(step, output);
      now.writes.push_back(codes_(graph_.type(output).layout));
    }
    if (now.reads.empty() && now.writes.empty()) return;
    if (choices == nullptr) {
      step.options = {now};
    } else {
      for (const LayoutOption& option : choices->options) {
        LayoutProblem::Option& own = step.options.emplace_back(now);
        for (std::size_t i = 0; i < own.reads.size(); ++i)
          if (chooses[i]) own.reads[i] = codes_(option.in);
        std::fill(own.writes.begin(), own.writes.end(), codes_(option.out));
      }
    }
    problem_.steps.push_back(std::move(step));
  }

  void add_output(ValueId id) {
    LayoutProblem::Step step;
    if (!read(step, id)) return;
    step.options = {{{codes_(graph_.type(id).layout)}, {}, 0.0}};
    problem_.steps.push_back(std::move(step));
  }

  // Calls visit(value, from, to, the type of the value) for each conversion that options can ask
  // for.
  template <typename Visit>
  void visit_conversions(Visit&& visit) const {
    std::vector<std::vector<Code>> written(values_.size()), read(values_.size());
    const auto note = [](const std::vector<std::size_t>& values, const std::vector<Code>& codes,
                         std::vector<std::vector<Code>>& noted) {
      for (std::size_t i = 0; i < values.size(); ++i) {
        std::vector<Code>& list = noted[values[i]];
        if (std::find(list.begin(), list.end(), codes[i]) == list.end()) list.push_back(codes[i]);
      }
    };
    for (const LayoutProblem::Step& step : problem_.steps)
      for (const LayoutProblem::Option& option : step.options) {
        note(step.reads, option.reads, read);
        note(step.writes, option.writes, written);
      }
    for (std::size_t value = 0; value < values_.size(); ++value)
      for (const Code from : written[value])
        for (const Code to : read[value])
          if (from != to)
            visit(LayoutConversion{value, from, to}, graph_.type(values_[value]), codes_);
  }

 private:
  std::size_t number(ValueId id) {
    const auto found = std::find(values_.begin(), values_.end(), id);
    const auto index = static_cast<std::size_t>(found - values_.begin());
    if (found == values_.end()) {
      values_.push_back(id);
      problem_.values.emplace_back();
    }
    return index;
  }
  // False where the layout of what is read costs nothing: no image, or known before the run.
  bool read(LayoutProblem::Step& step, ValueId id) {
    if (!is_image(graph_, id)) return false;
    const ValueId source = before_relayouts(graph_, id);
    if (graph_.known(source) != nullptr) return false;
    step.reads.push_back(number(source));
    return true;
  }
  void write(LayoutProblem::Step& step, ValueId id) { step.writes.push_back(number(id)); }

  const Graph& graph_;
  LayoutProblem& problem_;
  LayoutCodes codes_;
  std::vector<ValueId> values_;  // by their numbers
};

}  // namespace

LayoutNetwork::LayoutNetwork(const Graph& graph, std::span<const LayoutChoices> choices,
                             ProblemTimes& times)
    : times_(times) {
  StepBuilder builder(graph, problem_);
  for (const ValueId id : graph.inputs()) builder.add_input(id);
  for (const NodeId id : graph.order()) {
    const bool is_next = choosers_.size() < choices.size() && choices[choosers_.size()].node == id;
    if (is_next) choosers_.push_back({problem_.steps.size(), {}});
    builder.add_node(id, is_next ? &choices[choosers_.size() - 1] : nullptr);
  }
  for (const GraphOutput& output : graph.outputs()) builder.add_output(output.value);

  for (std::size_t i = 0; i < choices.size(); ++i) {
    std::vector<std::size_t> items;
    for (std::size_t o = 0; o < choices[i].options.size(); ++o)
      items.push_back(times.add(problem_with(graph, choices[i], o)));
    const bool is_open = std::any_of(items.begin() + 1, items.end(), [&](std::size_t item) {
      return std::isfinite(times.milliseconds(item));
    });
    if (is_open) choosers_[i].items = std::move(items);
    else problem_.steps[choosers_[i].step].options.resize(1);
  }
  builder.visit_conversions([&](const LayoutConversion& what, const TensorType& type,
                                const LayoutCodes& codes) {
    conversions_.push_back(
        {what, times.add(relayout_problem(type, codes.layout(what.from), codes.layout(what.to)))});
  });
}

bool LayoutNetwork::is_open() const {
  return std::any_of(choosers_.begin(), choosers_.end(),
                     [](const Chooser& chooser) { return !chooser.items.empty(); });
}

void LayoutNetwork::update_costs(double doubt) {
  for (const Chooser& chooser : choosers_)
    for (std::size_t o = 0; o < chooser.items.size(); ++o) {
      const double time = times_.milliseconds(chooser.items[o]);
      const double as_it_is = std::isfinite(time) ? time : kSlow;
      problem_.steps[chooser.step].options[o].cost = o == 0 ? as_it_is : doubt * time;
    }
  for (const Conversion& conversion : conversions_)
    problem_.values[conversion.what.value][conversion.what.from][conversion.what.to] =
        times_.milliseconds(conversion.item);
}

std::vector<std::size_t> LayoutNetwork::steps_of(std::span<const std::size_t> options) const {
  std::vector<std::size_t> steps(problem_.steps.size(), 0);
  for (std::size_t i = 0; i < options.size(); ++i) steps[choosers_[i].step] = options[i];
  return steps;
}

std::vector<std::size_t> LayoutNetwork::options_of(std::span<const std::size_t> steps) const {
  std::vector<std::size_t> options;
  for (const Chooser& chooser : choosers_) options.push_back(steps[chooser.step]);
  return options;
}

std::vector<std::size_t> LayoutNetwork::items_of(std::span<const std::size_t> steps) const {
  std::vector<std::size_t> items;
  for (const Chooser& chooser : choosers_)
    if (!chooser.items.empty()) items.push_back(chooser.items[steps[chooser.step]]);
  for (const LayoutConversion& needed : conversions_of(problem_, steps))
    for (const Conversion& conversion : conversions_)
      if (conversion.what == needed) items.push_back(conversion.item);
  return items;
}

}  // namespace octet
