#include <algorithm>
#include <map>

#include "base/format.hpp"
#include "kernels/cost.hpp"
#include "kernels/subgraph_engine.hpp"
#include "runtime/buffers.hpp"
#include "runtime/plan.hpp"

namespace octet {
namespace {

constexpr std::size_t kHostAlignment = Tensor::kAlignment;
constexpr std::size_t kDeviceAlignment = 256;

// The nodes that must run: those the results depend on, but for what is known already.
std::vector<NodeId> needed_nodes(const Graph& graph) {
  std::vector<char> needed(graph.value_count(), 0);
  for (const GraphOutput& output : graph.outputs())
    needed[static_cast<std::size_t>(output.value)] = 1;
  const std::vector<NodeId> order = graph.order();
  std::vector<NodeId> nodes;
  for (auto it = order.rbegin(); it != order.rend(); ++it) {
    const Node& node = graph.node(*it);
    const bool runs = std::any_of(node.outputs.begin(), node.outputs.end(), [&](ValueId id) {
      return needed[static_cast<std::size_t>(id)] != 0 && graph.known(id) == nullptr;
    });
    if (!runs) continue;
    nodes.push_back(*it);
    for (const ValueId input : node.inputs)
      if (input != kNoValue) needed[static_cast<std::size_t>(input)] = 1;
  }
  std::reverse(nodes.begin(), nodes.end());
  return nodes;
}

[[noreturn]] void refuse(const Problem& problem, const std::vector<Candidate>& candidates,
                         const std::string& where) {
  std::string reasons;
  for (const Candidate& candidate : candidates)
    reasons += concat(reasons.empty() ? "" : "; ", candidate.kernel->name, ": ",
                      candidate.verdict.reason());
  throw Error(StatusCode::unsupported,
              concat("no kernel runs ", problem.text(), reasons.empty() ? "" : ": ", reasons),
              where, "the reference backend runs every operator");
}

std::vector<KernelInfo> describe(const std::vector<Candidate>& candidates) {
  std::vector<KernelInfo> rows;
  for (const Candidate& candidate : candidates)
    rows.push_back({candidate.kernel->name, std::string(candidate.backend->name()),
                    candidate.verdict.reason(), candidate.milliseconds});
  return rows;
}

class PlanBuilder {
 public:
  PlanBuilder(const Graph& graph, const PlanOptions& options)
      : graph_(graph), options_(options), plan_(std::make_shared<Plan>()) {
    plan_->backends = options.backends;
    plan_->demands = options.demands;
    alignment_ = plan_->memory().is_host() ? kHostAlignment : kDeviceAlignment;
  }

  std::shared_ptr<const Plan> build() {
    const std::vector<NodeId> nodes = needed_nodes(graph_);
    std::vector<BufferStep> buffer_steps;
    options_.chooser->expect(nodes.size());
    for (const NodeId id : nodes) {
      plan_->steps.push_back(choose(id));
      buffer_steps.push_back({id, plan_->steps.back().executable.get()});
    }
    buffers_ = assign_buffers(graph_, buffer_steps, options_.reuse_memory);
    layout_ = lay_out(buffers_.requests, alignment_, options_.reuse_memory);
    plan_->arena_bytes = layout_.arena_bytes;
    plan_->least_bytes = layout_.least_bytes;
    plan_->value_bytes = layout_.total_bytes;
    place_inputs();
    for (std::size_t s = 0; s < nodes.size(); ++s) bind(plan_->steps[s], s, nodes[s]);
    for (const GraphOutput& output : graph_.outputs())
      plan_->outputs.push_back(
          {{output.name, graph_.type(output.value)}, output.value, operand(output.value)});
    if (!plan_->memory().is_host()) upload_constants();
    return plan_;
  }

 private:
  PlanStep choose(NodeId id) {
    const Node& node = graph_.node(id);
    const Problem problem = Problem::of(graph_, id);
    const std::string where = concat(node.kind(), " \"", node.name, "\"");
    std::vector<Candidate> candidates =
        candidates_for(problem, options_.demands, options_.backends, options_.skip_kernels);
    PlanStep step;
    std::size_t chosen = 0;
    while (step.executable == nullptr) {
      const bool any = std::any_of(candidates.begin(), candidates.end(),
                                   [](const Candidate& c) { return c.verdict.ok(); });
      if (!any) refuse(problem, candidates, where);
      chosen = options_.chooser->choose(problem, options_.demands, candidates);
      step.executable = prepare_if_possible(problem, candidates[chosen]);
    }
    const Candidate& winner = candidates[chosen];
    step.backend = winner.backend;
    const Cost cost = cost_of(problem);
    step.info = {node.name,
                 std::string(node.kind()),
                 problem.text(),
                 winner.kernel->name,
                 std::string(winner.backend->name()),
                 describe(candidates),
                 options_.chooser->layouts(problem),
                 problem.inputs,
                 {},
                 node.inputs,
                 node.outputs,
                 cost.macs,
                 cost.bytes};
    step.label = concat(node.name, " [", winner.kernel->name, "]");
    for (const ValueId output : node.outputs)
      step.info.outputs.push_back({graph_.value(output).name, graph_.type(output)});
    return step;
  }

  // Nothing where the kernel only now finds that it cannot do it (a library), or that it wants more
  // workspace than is allowed; its verdict says so then.
  std::unique_ptr<Executable> prepare_if_possible(const Problem& problem, Candidate& candidate) {
    std::unique_ptr<Executable> executable;
    try {
      executable = candidate.kernel->prepare(problem, options_.demands);
    } catch (const Error& error) {
      if (error.status().code() != StatusCode::unsupported) throw;
      candidate.verdict = Verdict::refuse(error.status().message());
      return nullptr;
    }
    const std::size_t wanted = executable->workspace(), limit = options_.demands.workspace_limit;
    // What is workspace for a nested plan is memory of values for its steps, which keep the limit.
    const SubgraphBuilder* builder = options_.demands.subgraphs;
    const bool is_nested = builder != nullptr && candidate.kernel == &builder->kernel();
    if (wanted <= limit || is_nested) return executable;
    candidate.verdict = Verdict::refuse(
        concat("it needs ", wanted, " bytes of workspace, more than the limit of ", limit));
    return nullptr;
  }

  void place_inputs() {
    for (const ValueId id : graph_.inputs()) {
      const TensorType& type = graph_.type(id);
      input_index_[id] = plan_->inputs.size();
      plan_->inputs.push_back({graph_.value(id).name, type});
      plan_->input_values.push_back(id);
      plan_->input_offsets.push_back(plan_->input_bytes);
      plan_->input_bytes += (type.bytes() + alignment_ - 1) / alignment_ * alignment_;
    }
  }

  void bind(PlanStep& step, std::size_t index, NodeId id) {
    const Node& node = graph_.node(id);
    for (std::size_t i = 0; i < node.inputs.size(); ++i)
      step.inputs.push_back(step.executable->reads_input(i) ? operand(node.inputs[i]) : Operand{});
    for (const ValueId output : node.outputs) step.outputs.push_back(operand(output));
    if (const std::size_t buffer = buffers_.of_workspace[index]; buffer != kNoBuffer)
      step.workspace = {Operand::Kind::arena, layout_.offsets[buffer]};
  }

  Operand operand(ValueId id) {
    if (id == kNoValue) return {};
    if (const std::size_t buffer = buffers_.of_value[static_cast<std::size_t>(id)];
        buffer != kNoBuffer)
      return {Operand::Kind::arena, layout_.offsets[buffer]};
    if (graph_.value(id).is_input) return {Operand::Kind::input, input_index_.at(id)};
    return {Operand::Kind::constant, constant(id)};
  }

  // Constants that kernels read must be aligned; bytes that were borrowed from a file may not be.
  std::size_t constant(ValueId id) {
    const auto [entry, is_new] = constant_index_.emplace(id, plan_->constants.size());
    if (!is_new) return entry->second;
    Tensor tensor = *graph_.known(id);
    if (reinterpret_cast<std::uintptr_t>(tensor.data()) % kHostAlignment != 0)
      tensor = tensor.clone();
    plan_->constant_bytes += tensor.bytes();
    plan_->constants.push_back(tensor.data());
    constant_sizes_.push_back(tensor.bytes());
    plan_->constant_owners.push_back(std::make_shared<const Tensor>(std::move(tensor)));
    return entry->second;
  }

  void upload_constants() {
    const Backend& memory = plan_->memory();
    const auto context = memory.make_context(options_.demands);
    for (std::size_t i = 0; i < plan_->constants.size(); ++i) {
      std::shared_ptr<std::byte> copy = memory.allocate(constant_sizes_[i]);
      memory.copy_in(copy.get(), plan_->constants[i], constant_sizes_[i], *context);
      plan_->constants[i] = copy.get();
      // The host bytes may go only when the copy is complete.
      memory.synchronise(*context);
      plan_->constant_owners[i] = std::move(copy);
    }
  }

  const Graph& graph_;
  const PlanOptions& options_;
  std::shared_ptr<Plan> plan_;
  std::size_t alignment_ = kHostAlignment;
  Buffers buffers_;
  MemoryLayout layout_;
  std::map<ValueId, std::size_t> input_index_, constant_index_;
  std::vector<std::size_t> constant_sizes_;
};

}  // namespace

PlanInfo Plan::describe() const {
  PlanInfo info;
  info.inputs = inputs;
  info.input_values = input_values;
  for (const PlanOutput& output : outputs) {
    info.outputs.push_back(output.info);
    info.output_values.push_back(output.value);
  }
  for (const PlanStep& step : steps) info.steps.push_back(step.info);
  info.memory = {arena_bytes, least_bytes, value_bytes, input_bytes, constant_bytes};
  return info;
}

std::shared_ptr<const Plan> make_plan(const Graph& graph, const PlanOptions& options) {
  return PlanBuilder(graph, options).build();
}

}  // namespace octet
