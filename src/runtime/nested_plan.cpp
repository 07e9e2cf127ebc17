#include "runtime/nested_plan.hpp"

#include <map>
#include <mutex>
#include <set>

#include "ops/shape.hpp"

namespace octet {
namespace {

// Where an operand lies, seen from the outer step.
struct Place {
  enum class Kind : std::uint8_t { absent, input, output, constant, workspace };
  Kind kind = Kind::absent;
  std::size_t at = 0;
};

struct Step {
  std::vector<Place> inputs, outputs;
  Place workspace;
  std::size_t backend = 0;
};

// What one run needs and the next one can use again.
struct Frame {
  std::vector<std::unique_ptr<ExecutionContext>> contexts;  // by backend; none for the first
  std::vector<const std::byte*> inputs;
  std::vector<std::byte*> outputs;
};

class NestedPlan final : public Executable {
 public:
  explicit NestedPlan(std::shared_ptr<const Plan> plan) : plan_(std::move(plan)) {
    std::map<ValueId, std::size_t> outputs;
    for (std::size_t i = 0; i < plan_->outputs.size(); ++i) outputs[plan_->outputs[i].value] = i;
    for (const PlanStep& step : plan_->steps) {
      Step& bound = steps_.emplace_back();
      for (std::size_t i = 0; i < step.inputs.size(); ++i)
        bound.inputs.push_back(place(step.inputs[i], step.info.input_values[i], outputs));
      for (std::size_t i = 0; i < step.outputs.size(); ++i)
        bound.outputs.push_back(place(step.outputs[i], step.info.output_values[i], outputs));
      bound.workspace = place(step.workspace, kNoValue, outputs);
      while (plan_->backends[bound.backend] != step.backend) ++bound.backend;
    }
  }

  std::size_t workspace() const override { return plan_->arena_bytes; }

  void run(const RunArgs& args) const override {
    std::unique_ptr<Frame> frame = take_frame();
    for (std::size_t s = 0; s < steps_.size(); ++s) {
      const Step& step = steps_[s];
      frame->inputs.clear();
      frame->outputs.clear();
      for (const Place& input : step.inputs) frame->inputs.push_back(read(input, args));
      for (const Place& output : step.outputs) frame->outputs.push_back(write(output, args));
      ExecutionContext* own = frame->contexts[step.backend].get();
      plan_->steps[s].executable->run({frame->inputs, frame->outputs, write(step.workspace, args),
                                       own == nullptr ? args.context : own});
    }
    // After an exception the frame is dropped, since nobody knows what its contexts were doing.
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(frame));
  }

 private:
  static Place place(const Operand& operand, ValueId value,
                     const std::map<ValueId, std::size_t>& outputs) {
    switch (operand.kind) {
      case Operand::Kind::absent: return {};
      case Operand::Kind::input: return {Place::Kind::input, operand.at};
      case Operand::Kind::constant: return {Place::Kind::constant, operand.at};
      case Operand::Kind::arena: break;
    }
    if (const auto found = outputs.find(value); found != outputs.end())
      return {Place::Kind::output, found->second};
    return {Place::Kind::workspace, operand.at};
  }

  const std::byte* read(const Place& place, const RunArgs& args) const {
    if (place.kind == Place::Kind::input) return args.inputs[place.at];
    if (place.kind == Place::Kind::constant) return plan_->constants[place.at];
    return write(place, args);
  }

  static std::byte* write(const Place& place, const RunArgs& args) {
    if (place.kind == Place::Kind::absent) return nullptr;
    if (place.kind == Place::Kind::output) return args.outputs[place.at];
    return args.workspace + place.at;
  }

  std::unique_ptr<Frame> take_frame() const {
    {
      const std::lock_guard lock(mutex_);
      if (!idle_.empty()) {
        std::unique_ptr<Frame> frame = std::move(idle_.back());
        idle_.pop_back();
        return frame;
      }
    }
    auto frame = std::make_unique<Frame>();
    frame->contexts.emplace_back();
    for (std::size_t i = 1; i < plan_->backends.size(); ++i)
      frame->contexts.push_back(plan_->backends[i]->make_context(plan_->demands));
    return frame;
  }

  std::shared_ptr<const Plan> plan_;
  std::vector<Step> steps_;
  mutable std::mutex mutex_;
  mutable std::vector<std::unique_ptr<Frame>> idle_;
};

}  // namespace

std::unique_ptr<Executable> make_nested_plan(std::shared_ptr<const Plan> plan) {
  std::set<ValueId> outputs;
  for (const PlanOutput& output : plan->outputs)
    if (output.source.kind != Operand::Kind::arena || !outputs.insert(output.value).second)
      throw Error(StatusCode::internal, "an output of a nested plan has no step of its own");
  return std::make_unique<NestedPlan>(std::move(plan));
}

void give_outputs_steps(Graph& graph) {
  std::set<ValueId> produced;
  for (std::size_t i = 0; i < graph.outputs().size(); ++i) {
    const ValueId value = graph.outputs()[i].value;
    if (graph.producer(value) != nullptr && graph.known(value) == nullptr &&
        produced.insert(value).second)
      continue;
    graph.set_output(i, graph.add(make_op<Identity>(), {value}));
  }
}

}  // namespace octet
