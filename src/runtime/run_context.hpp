// The memory and the execution state of one run of a plan at a time.
#pragma once

#include "runtime/plan.hpp"

namespace octet {

// Looks at the values while they are there. Called between the steps of RunContext::walk().
class StepObserver {
 public:
  virtual ~StepObserver() = default;
  // `outputs` are host copies or host memory of the context; they are valid during the call.
  virtual void after(const PlanStep& step, double milliseconds,
                     std::span<const Tensor> outputs) = 0;
};

// Not thread safe. After the first run nothing here allocates, but for walk() with values.
class RunContext {
 public:
  explicit RunContext(std::shared_ptr<const Plan> plan);
  ~RunContext();
  RunContext(const RunContext&) = delete;
  RunContext& operator=(const RunContext&) = delete;

  const Plan& plan() const noexcept { return *plan_; }

  // In host memory the tensor is used where it lies, if it is aligned; for a device it is copied
  // there, maybe only while the work runs. So the context keeps a reference, and the bytes must not
  // change until wait() returned. The tensor must have the planned type; the callers check that.
  void set_input(std::size_t index, const Tensor& tensor);
  // Forgets the tensors of set_input(), so that their memory can go.
  void release_inputs();

  // Every input must have been set once. On a device the call returns when the work is enqueued.
  void launch();
  void wait();
  // Of the last launch, after wait(): on the device's clock, else the time inside launch().
  double device_milliseconds();
  // Copies the results of the last launch and waits for them. Tensors of the right type are
  // overwritten in place, so a caller who passes the same list again causes no allocation.
  void read_outputs(NamedTensors& outputs);

  // A run in which every step is finished and timed before the next begins.
  void walk(StepObserver& observer);
  // Milliseconds of each step. A device repeats each several times without a pause, so that what
  // starting it costs does not count; the results of the last launch are lost then.
  std::vector<double> time_steps();

 private:
  struct BoundStep {
    std::vector<const std::byte*> inputs;
    std::vector<std::byte*> outputs;
    std::byte* workspace = nullptr;
    ExecutionContext* context = nullptr;
  };
  // An operand of a step that is an input of the plan.
  struct InputUse {
    std::size_t step, operand;
  };

  void bind_steps();
  ExecutionContext& context_of(const Backend& backend);
  ExecutionContext& memory_context() { return *contexts_.front(); }
  const std::byte* address(const Operand& operand) const;
  void run_step(std::size_t index) const;
  void run_steps() const;
  double time_step(std::size_t index);
  double time_repeated(std::size_t index);
  std::vector<Tensor> copy_outputs(std::size_t step);

  std::shared_ptr<const Plan> plan_;
  std::vector<std::unique_ptr<ExecutionContext>> contexts_;  // one per backend of the plan
  std::shared_ptr<std::byte> arena_;
  std::shared_ptr<std::byte> input_block_;  // made when an input must be copied
  std::vector<Tensor> held_inputs_;
  std::vector<const std::byte*> input_addresses_;
  std::vector<std::vector<InputUse>> input_uses_;
  std::vector<BoundStep> steps_;
  std::unique_ptr<Recording> recording_;
  bool may_record_ = false;
  std::unique_ptr<Timer> timer_;
  double host_milliseconds_ = 0.0;
};

}  // namespace octet
