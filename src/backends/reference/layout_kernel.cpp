#include "backends/reference/layout_kernel.hpp"

#include <algorithm>

#include "backends/reference/compute_kernel.hpp"
#include "ops/convert.hpp"

namespace octet::reference {
namespace {

bool is_packed(const TensorType& type) { return !(type.layout == kNCHW); }

// A value as the operator sees it and, where that differs, its copy in the workspace.
struct Operand {
  TensorType outside, inside;
  std::size_t copy = 0;  // offset
  bool copied = false;
};

class LayoutExecutable final : public Executable {
 public:
  explicit LayoutExecutable(const Problem& problem) : op_(problem.op) {
    const bool any_layout = problem.as<Relayout>() != nullptr;
    for (const TensorType& type : problem.inputs) inputs_.push_back(place(type, any_layout));
    for (const TensorType& type : problem.outputs) outputs_.push_back(place(type, any_layout));
  }

  std::size_t workspace() const override { return workspace_; }

  void run(const RunArgs& args) const override {
    auto& context = static_cast<ViewContext&>(*args.context);
    context.inputs.clear();
    context.outputs.clear();
    for (std::size_t i = 0; i < inputs_.size(); ++i) {
      const Operand& x = inputs_[i];
      if (x.copied && args.inputs[i] != nullptr)
        copy_layout({x.outside, args.inputs[i]}, {x.inside, args.workspace + x.copy});
      context.inputs.emplace_back(x.inside, x.copied ? args.workspace + x.copy : args.inputs[i]);
    }
    for (std::size_t i = 0; i < outputs_.size(); ++i) {
      const Operand& y = outputs_[i];
      context.outputs.emplace_back(y.inside, y.copied ? args.workspace + y.copy : args.outputs[i]);
    }
    op_->compute(context.inputs, context.outputs);
    for (std::size_t i = 0; i < outputs_.size(); ++i) {
      const Operand& y = outputs_[i];
      if (y.copied) copy_layout({y.inside, args.workspace + y.copy}, {y.outside, args.outputs[i]});
    }
  }

 private:
  Operand place(const TensorType& type, bool any_layout) {
    Operand operand{type, type, 0, is_packed(type) && !any_layout};
    if (!operand.copied) return operand;
    operand.inside.layout = kNCHW;
    operand.copy = workspace_;
    workspace_ +=
        (operand.inside.bytes() + Tensor::kAlignment - 1) / Tensor::kAlignment * Tensor::kAlignment;
    return operand;
  }

  OpPtr op_;
  std::vector<Operand> inputs_, outputs_;
  std::size_t workspace_ = 0;
};

Verdict check(const Problem& problem, const Demands&) {
  if (std::any_of(problem.inputs.begin(), problem.inputs.end(), is_packed) ||
      std::any_of(problem.outputs.begin(), problem.outputs.end(), is_packed))
    return Verdict::accept();
  return Verdict::refuse("every value is in the default layout");
}

std::unique_ptr<Executable> prepare(const Problem& problem, const Demands&) {
  return std::make_unique<LayoutExecutable>(problem);
}

}  // namespace

Kernel layout_kernel() { return {"reference_any_layout", check, prepare, nullptr, true}; }

}  // namespace octet::reference
