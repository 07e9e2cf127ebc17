#include <octet/execution.hpp>

#include "api/execution_impl.hpp"
#include "api/guard.hpp"
#include "base/format.hpp"

namespace octet {
namespace {

class CallbackObserver final : public StepObserver {
 public:
  explicit CallbackObserver(const StepCallback& callback) : callback_(callback) {}
  void after(const PlanStep& step, double milliseconds, std::span<const Tensor> outputs) override {
    callback_(step.info, milliseconds, outputs);
  }

 private:
  const StepCallback& callback_;
};

}  // namespace

Execution::Impl::Impl(std::shared_ptr<const void> session, const Engine& session_engine,
                      std::shared_ptr<const Plan> plan)
    : owner(std::move(session)),
      engine(session_engine),
      info(plan->describe()),
      context(std::move(plan)) {}

void Execution::Impl::set_inputs(const NamedTensors& inputs) {
  engine.check_names(inputs);
  for (std::size_t i = 0; i < engine.inputs().size(); ++i) {
    const Tensor& tensor = engine.input_from(inputs, i);
    const TensorInfo& planned = info.inputs[i];
    if (!(tensor.shape() == planned.type.shape))
      throw Error(StatusCode::invalid_input,
                  concat("it was prepared for ", planned.type.shape.to_string(),
                         ", the tensor has ", tensor.shape().to_string()),
                  concat("input \"", planned.name, "\""));
    context.set_input(i, tensor);
  }
}

Execution::Execution(std::unique_ptr<Impl> impl) noexcept : impl_(std::move(impl)) {}
Execution::Execution(Execution&&) noexcept = default;
Execution& Execution::operator=(Execution&&) noexcept = default;
Execution::~Execution() = default;

const PlanInfo& Execution::plan() const noexcept { return impl_->info; }

Status Execution::set_inputs(const NamedTensors& inputs) {
  return guarded([&] { impl_->set_inputs(inputs); });
}

Status Execution::launch() {
  return guarded([&] { impl_->context.launch(); });
}

Status Execution::wait() {
  return guarded([&] { impl_->context.wait(); });
}

Result<double> Execution::device_milliseconds() {
  return guarded([&] { return impl_->context.device_milliseconds(); });
}

Status Execution::read_outputs(NamedTensors& outputs) {
  return guarded([&] { impl_->context.read_outputs(outputs); });
}

Result<std::vector<double>> Execution::time_steps() {
  return guarded([&] { return impl_->context.time_steps(); });
}

Status Execution::inspect(const StepCallback& callback) {
  return guarded([&] {
    CallbackObserver observer(callback);
    impl_->context.walk(observer);
  });
}

}  // namespace octet
