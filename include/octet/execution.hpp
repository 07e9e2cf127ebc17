// One run at a time, in its parts: for measuring, and for looking at what happens inside.
#pragma once

#include <functional>
#include <memory>
#include <octet/plan_info.hpp>
#include <octet/status.hpp>

namespace octet {

// Called after each step with what it wrote. The tensors are valid during the call.
using StepCallback =
    std::function<void(const StepInfo& step, double milliseconds, std::span<const Tensor> outputs)>;

// Made by Session::prepare() for the shapes of its inputs, with memory of its own that stays where
// it is. Movable, not thread safe; several executions of one session may run at the same time.
// After a failed call only destruction is safe.
class Execution {
 public:
  // What will run. Lives as long as the execution.
  const PlanInfo& plan() const noexcept;

  // Brings the inputs to where the steps read them. Host tensors that are aligned are used in place
  // and must not change until wait() returned. Types must be those of plan().inputs.
  Status set_inputs(const NamedTensors& inputs);
  // Starts the run; on a device it returns when the work is enqueued.
  Status launch();
  // Returns when everything launched is done.
  Status wait();
  // How long the last launched run took, by the device's clock where it has one. Call after wait().
  Result<double> device_milliseconds();
  // The results of the last run; tensors of the right type in `outputs` are overwritten in place.
  Status read_outputs(NamedTensors& outputs);

  // Milliseconds of each step by itself, in the order of plan().steps. On a device each is repeated
  // without a pause, and the results of the last run are lost.
  Result<std::vector<double>> time_steps();
  // A run step by step, which shows what each wrote.
  Status inspect(const StepCallback& callback);

  struct Impl;
  explicit Execution(std::unique_ptr<Impl> impl) noexcept;
  Execution(Execution&&) noexcept;
  Execution& operator=(Execution&&) noexcept;
  ~Execution();

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace octet
