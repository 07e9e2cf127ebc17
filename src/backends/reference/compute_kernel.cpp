#include "backends/reference/compute_kernel.hpp"

#include <algorithm>

#include "base/format.hpp"

namespace octet::reference {
namespace {

class ComputeExecutable final : public Executable {
 public:
  explicit ComputeExecutable(const Problem& problem)
      : op_(problem.op), inputs_(problem.inputs), outputs_(problem.outputs) {}

  void run(const RunArgs& args) const override {
    auto& context = static_cast<ViewContext&>(*args.context);
    context.inputs.clear();
    context.outputs.clear();
    for (std::size_t i = 0; i < inputs_.size(); ++i)
      context.inputs.emplace_back(inputs_[i], args.inputs[i]);
    for (std::size_t i = 0; i < outputs_.size(); ++i)
      context.outputs.emplace_back(outputs_[i], args.outputs[i]);
    op_->compute(context.inputs, context.outputs);
  }

 private:
  OpPtr op_;
  std::vector<TensorType> inputs_, outputs_;
};

Verdict check(const Problem& problem, const Demands&) {
  const auto packed = [](const TensorType& type) { return !(type.layout == kNCHW); };
  for (const auto* types : {&problem.inputs, &problem.outputs})
    if (const auto found = std::find_if(types->begin(), types->end(), packed);
        found != types->end())
      return Verdict::refuse(
          concat("the operator works in NCHW, not in ", to_string(found->layout)));
  return Verdict::accept();
}

std::unique_ptr<Executable> prepare(const Problem& problem, const Demands&) {
  return std::make_unique<ComputeExecutable>(problem);
}

}  // namespace

Kernel compute_kernel() { return {"reference", check, prepare, nullptr, true}; }

}  // namespace octet::reference
