#include "runtime/run_context.hpp"

#include "base/stopwatch.hpp"

namespace octet {
namespace {

class NamedRange {
 public:
  NamedRange(const Backend& backend, const std::string& name) : backend_(backend) {
    backend.begin_range(name.c_str());
  }
  ~NamedRange() { backend_.end_range(); }
  NamedRange(const NamedRange&) = delete;
  NamedRange& operator=(const NamedRange&) = delete;

 private:
  const Backend& backend_;
};

bool aligned(const std::byte* data) {
  return reinterpret_cast<std::uintptr_t>(data) % Tensor::kAlignment == 0;
}

}  // namespace

RunContext::RunContext(std::shared_ptr<const Plan> plan) : plan_(std::move(plan)) {
  for (const Backend* backend : plan_->backends)
    contexts_.push_back(backend->make_context(plan_->demands));
  arena_ = plan_->memory().allocate(plan_->arena_bytes);
  held_inputs_.resize(plan_->inputs.size());
  input_addresses_.resize(plan_->inputs.size());
  input_uses_.resize(plan_->inputs.size());
  may_record_ = !plan_->memory().is_host();
  timer_ = plan_->memory().make_timer();
  bind_steps();
}

RunContext::~RunContext() {
  // Nothing may still be running in the memory that goes now; a device that failed has no answer.
  try {
    wait();
  } catch (const Error&) {
  }
}

void RunContext::bind_steps() {
  steps_.resize(plan_->steps.size());
  for (std::size_t s = 0; s < steps_.size(); ++s) {
    const PlanStep& step = plan_->steps[s];
    BoundStep& bound = steps_[s];
    bound.context = &context_of(*step.backend);
    for (std::size_t i = 0; i < step.inputs.size(); ++i) {
      bound.inputs.push_back(address(step.inputs[i]));
      if (step.inputs[i].kind == Operand::Kind::input)
        input_uses_[step.inputs[i].at].push_back({s, i});
    }
    for (const Operand& output : step.outputs) bound.outputs.push_back(arena_.get() + output.at);
    if (step.workspace.kind == Operand::Kind::arena)
      bound.workspace = arena_.get() + step.workspace.at;
  }
}

ExecutionContext& RunContext::context_of(const Backend& backend) {
  for (std::size_t i = 0; i < contexts_.size(); ++i)
    if (plan_->backends[i] == &backend) return *contexts_[i];
  throw Error(StatusCode::internal, "a step runs on a backend that the plan does not list");
}

const std::byte* RunContext::address(const Operand& operand) const {
  switch (operand.kind) {
    case Operand::Kind::absent: return nullptr;
    case Operand::Kind::input: return input_addresses_[operand.at];
    case Operand::Kind::constant: return plan_->constants[operand.at];
    case Operand::Kind::arena: return arena_.get() + operand.at;
  }
  return nullptr;
}

void RunContext::set_input(std::size_t index, const Tensor& tensor) {
  held_inputs_[index] = tensor;
  const std::byte* address = tensor.data();
  if (!plan_->memory().is_host() || !aligned(address)) {
    if (!input_block_) input_block_ = plan_->memory().allocate(plan_->input_bytes);
    std::byte* copy = input_block_.get() + plan_->input_offsets[index];
    plan_->memory().copy_in(copy, tensor.data(), tensor.bytes(), memory_context());
    address = copy;
  }
  input_addresses_[index] = address;
  for (const InputUse& use : input_uses_[index]) steps_[use.step].inputs[use.operand] = address;
}

void RunContext::release_inputs() {
  for (Tensor& tensor : held_inputs_) tensor = Tensor();
}

void RunContext::run_step(std::size_t index) const {
  const BoundStep& bound = steps_[index];
  const NamedRange range(*plan_->steps[index].backend, plan_->steps[index].label);
  plan_->steps[index].executable->run(
      {bound.inputs, bound.outputs, bound.workspace, bound.context});
}

void RunContext::run_steps() const {
  for (std::size_t s = 0; s < steps_.size(); ++s) run_step(s);
}

void RunContext::launch() {
  const Stopwatch watch;
  if (may_record_ && !recording_) {
    recording_ = plan_->memory().record(memory_context(), [this] { run_steps(); });
    may_record_ = recording_ != nullptr;
  }
  if (timer_) timer_->start(memory_context());
  if (recording_) recording_->replay(memory_context());
  else run_steps();
  if (timer_) timer_->stop(memory_context());
  host_milliseconds_ = watch.milliseconds();
}

void RunContext::wait() { plan_->memory().synchronise(memory_context()); }

double RunContext::device_milliseconds() {
  return timer_ ? timer_->milliseconds() : host_milliseconds_;
}

void RunContext::read_outputs(NamedTensors& outputs) {
  outputs.resize(plan_->outputs.size());
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const auto& [info, value, source] = plan_->outputs[i];
    auto& [name, tensor] = outputs[i];
    if (name != info.name) name = info.name;
    if (tensor.empty() || !(tensor.type() == info.type)) tensor = Tensor(info.type);
    plan_->memory().copy_out(tensor.mutable_data(), address(source), tensor.bytes(),
                             memory_context());
  }
  wait();
}

double RunContext::time_step(std::size_t index) {
  if (timer_) {
    timer_->start(memory_context());
    run_step(index);
    timer_->stop(memory_context());
    return timer_->milliseconds();
  }
  const Stopwatch watch;
  run_step(index);
  return watch.milliseconds();
}

double RunContext::time_repeated(std::size_t index) {
  constexpr int kRepeats = 10;
  run_step(index);
  const auto recording = plan_->memory().record(memory_context(), [&] {
    for (int i = 0; i < kRepeats; ++i) run_step(index);
  });
  if (!recording) return time_step(index);
  timer_->start(memory_context());
  recording->replay(memory_context());
  timer_->stop(memory_context());
  return timer_->milliseconds() / kRepeats;
}

std::vector<double> RunContext::time_steps() {
  std::vector<double> times;
  for (std::size_t s = 0; s < steps_.size(); ++s)
    times.push_back(timer_ ? time_repeated(s) : time_step(s));
  return times;
}

void RunContext::walk(StepObserver& observer) {
  for (std::size_t s = 0; s < steps_.size(); ++s) {
    const double milliseconds = time_step(s);
    const std::vector<Tensor> outputs = copy_outputs(s);
    observer.after(plan_->steps[s], milliseconds, outputs);
  }
}

std::vector<Tensor> RunContext::copy_outputs(std::size_t step) {
  std::vector<Tensor> tensors;
  for (std::size_t o = 0; o < steps_[step].outputs.size(); ++o) {
    Tensor& tensor = tensors.emplace_back(plan_->steps[step].info.outputs[o].type);
    plan_->memory().copy_out(tensor.mutable_data(), steps_[step].outputs[o], tensor.bytes(),
                             memory_context());
  }
  wait();
  return tensors;
}

}  // namespace octet
