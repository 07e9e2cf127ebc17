#include "passes/layout_choices.hpp"

#include <algorithm>

#include "passes/relayouts.hpp"

namespace octet {
namespace {

using Layouts = std::vector<Layout>;

template <typename T>
void add_once(std::vector<T>& list, const T& item) {
  if (std::find(list.begin(), list.end(), item) == list.end()) list.push_back(item);
}

bool is_known(const Graph& graph, const Node& node) {
  return std::all_of(node.outputs.begin(), node.outputs.end(),
                     [&](ValueId id) { return graph.known(id) != nullptr; });
}

bool may_choose(const Graph& graph, const Node& node) {
  return node.as<Relayout>() == nullptr && !is_known(graph, node) &&
         std::all_of(node.outputs.begin(), node.outputs.end(),
                     [&](ValueId id) { return is_image(graph, id); });
}

// The default layout and what any policy wants for any operator.
Layouts layouts_in_play(const Graph& graph, std::span<const LayoutPolicy> policies) {
  Layouts layouts{kNCHW};
  for (const NodeId id : graph.order()) {
    if (!may_choose(graph, graph.node(id))) continue;
    for (const LayoutPolicy& policy : policies) {
      const LayoutAnswer answer = policy.ask(graph, graph.node(id));
      if (answer.kind != LayoutAnswer::Kind::wants) continue;
      add_once(layouts, answer.layout);
      add_once(layouts, answer.output);
    }
  }
  return layouts;
}

std::vector<std::size_t> images_among(const Graph& graph, const Node& node,
                                      const std::vector<std::size_t>& operands) {
  std::vector<std::size_t> images;
  for (const std::size_t i : operands)
    if (i < node.inputs.size() && is_image(graph, node.inputs[i])) images.push_back(i);
  return images;
}

class Collector {
 public:
  Collector(const Graph& graph, NodeId id) : graph_(graph), node_(graph.node(id)) {
    choices_.node = id;
  }

  void ask(std::span<const LayoutPolicy> policies, const Layouts& layouts) {
    bool follows = false, converts = false;
    for (const LayoutPolicy& policy : policies) {
      const LayoutAnswer answer = policy.ask(graph_, node_);
      converts = converts || policy.converts(graph_, node_);
      follows = follows || answer.kind == LayoutAnswer::Kind::follows;
      if (answer.kind == LayoutAnswer::Kind::wants) want(answer);
    }
    if (!found_.empty()) add_once(found_, {kNCHW, kNCHW});
    if (!follows && !converts) return;
    choices_.operands = following_operands(graph_, node_);
    for (const Layout& in : layouts)
      for (const Layout& out : layouts)
        if (in == out || converts) add_once(found_, {in, out});
  }

  // Nothing where there is no choice, or where the operands are in several layouts now.
  LayoutChoices take() {
    if (choices_.operands.empty() || found_.empty()) return {};
    const LayoutOption now{graph_.type(node_.inputs[choices_.operands[0]]).layout,
                           graph_.type(node_.outputs[0]).layout};
    for (const std::size_t i : choices_.operands)
      if (!(graph_.type(node_.inputs[i]).layout == now.in)) return {};
    choices_.options = {now};
    for (const LayoutOption& option : found_) add_once(choices_.options, option);
    return choices_.options.size() > 1 ? std::move(choices_) : LayoutChoices{};
  }

 private:
  void want(const LayoutAnswer& answer) {
    const auto operands = images_among(graph_, node_, answer.operands);
    if (choices_.operands.empty()) choices_.operands = operands;
    if (choices_.operands == operands) add_once(found_, {answer.layout, answer.output});
  }

  const Graph& graph_;
  const Node& node_;
  LayoutChoices choices_;
  std::vector<LayoutOption> found_;
};

}  // namespace

std::string to_string(const LayoutOption& option) {
  return option.in == option.out ? to_string(option.in)
                                 : to_string(option.in) + "-" + to_string(option.out);
}

std::vector<LayoutChoices> layout_choices(const Graph& graph,
                                          std::span<const LayoutPolicy> policies) {
  std::vector<LayoutChoices> all;
  const Layouts layouts = layouts_in_play(graph, policies);
  for (const NodeId id : graph.order()) {
    if (!may_choose(graph, graph.node(id))) continue;
    Collector collector(graph, id);
    collector.ask(policies, layouts);
    if (LayoutChoices choices = collector.take(); choices.node != kNoNode)
      all.push_back(std::move(choices));
  }
  return all;
}

void apply_layouts(Graph& graph, std::span<const LayoutChoices> choices,
                   std::span<const std::size_t> options) {
  const auto layout_of = [&](ValueId id) {
    return is_image(graph, id) ? graph.type(id).layout : kNCHW;
  };
  const std::vector<NodeId> order = graph.order();
  std::vector<std::vector<Layout>> wanted(graph.node_count());  // by the inputs of each node
  for (const NodeId id : order)
    for (const ValueId input : graph.node(id).inputs)
      wanted[static_cast<std::size_t>(id)].push_back(layout_of(input));
  std::vector<Layout> wanted_outputs;
  for (const GraphOutput& output : graph.outputs())
    wanted_outputs.push_back(layout_of(output.value));
  std::vector<const Layout*> given(graph.node_count(), nullptr);
  for (std::size_t i = 0; i < choices.size(); ++i) {
    const auto node = static_cast<std::size_t>(choices[i].node);
    const LayoutOption& option = choices[i].options[options[i]];
    for (const std::size_t operand : choices[i].operands) wanted[node][operand] = option.in;
    given[node] = &option.out;
  }

  Relayouts relayouts(graph);
  const auto brought = [&](ValueId value, const Layout& layout) {
    return is_image(graph, value) ? relayouts.in_layout(before_relayouts(graph, value), layout)
                                  : value;
  };
  for (const NodeId id : order) {
    if (graph.node(id).as<Relayout>() != nullptr) continue;
    const auto node = static_cast<std::size_t>(id);
    for (std::size_t i = 0; i < wanted[node].size(); ++i)
      graph.set_input(id, i, brought(graph.node(id).inputs[i], wanted[node][i]));
    if (given[node] == nullptr) continue;
    for (const ValueId output : graph.node(id).outputs) graph.set_layout(output, *given[node]);
  }
  for (std::size_t i = 0; i < wanted_outputs.size(); ++i)
    graph.set_output(i, brought(graph.outputs()[i].value, wanted_outputs[i]));
}

Problem problem_with(const Graph& graph, const LayoutChoices& choices, std::size_t option) {
  Problem problem = Problem::of(graph, choices.node);
  const auto [in, out] = choices.options[option];
  for (const std::size_t operand : choices.operands) {
    if (problem.inputs[operand].layout == in) continue;
    problem.inputs[operand].layout = in;
    problem.constants[operand] = nullptr;  // whose bytes lie in the other layout
  }
  for (TensorType& output : problem.outputs) output.layout = out;
  return problem;
}

Problem relayout_problem(const TensorType& type, const Layout& from, const Layout& to) {
  Relayout op;
  op.layout = to;
  Problem problem;
  problem.op = make_op<Relayout>(op);
  problem.inputs = problem.outputs = {type};
  problem.inputs[0].layout = from;
  problem.outputs[0].layout = to;
  problem.constants = {nullptr};
  problem.present = {true};
  return problem;
}

}  // namespace octet
