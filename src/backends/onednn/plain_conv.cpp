#include "backends/onednn/plain_conv.hpp"

#include "backends/onednn/rows.hpp"

namespace octet::onednn {
namespace {

class PlainExecutable final : public Executable {
 public:
  explicit PlainExecutable(std::unique_ptr<Primitive> primitive)
      : primitive_(std::move(primitive)) {}

  std::size_t workspace() const override { return primitive_->scratchpad(); }
  bool reads_input(std::size_t index) const override { return index == 0; }
  void run(const RunArgs& args) const override {
    const ThreadCount guard(threads_of(args.context));
    primitive_->run(args.inputs[0], args.outputs[0], args.workspace);
  }

 private:
  std::unique_ptr<Primitive> primitive_;
};

}  // namespace

ConvSpec spec_of(const Problem& problem) {
  const auto& op = *problem.as<Conv2d>();
  ConvSpec spec;
  spec.x_dtype = problem.inputs[0].dtype;
  spec.w_dtype = problem.inputs[1].dtype;
  spec.y_dtype = problem.outputs[0].dtype;
  spec.layout = problem.inputs[0].layout;
  spec.x = problem.inputs[0].shape;
  spec.w = problem.inputs[1].shape;
  spec.y = problem.outputs[0].shape;
  spec.window = op.window;
  spec.groups = op.groups;
  return spec;
}

Verdict check_plain(const Problem& problem) {
  const auto& op = *problem.as<Conv2d>();
  const TensorType &x = problem.inputs[0], &y = problem.outputs[0];
  if (!(x.layout == y.layout) || !(x.layout == kNCHW || x.layout == kNHWC))
    return Verdict::refuse("x and y are not both NCHW or both NHWC");
  if (problem.constants[1] == nullptr) return Verdict::refuse("the weights are not constant");
  if (problem.has_input(2) && problem.constants[2] == nullptr)
    return Verdict::refuse("the bias is not constant");
  if (problem.has_input(3)) return Verdict::refuse("a residual operand is not fused here");
  if (op.flip_filter) return Verdict::refuse("the filter is turned");
  if (y.shape.elements() == 0) return Verdict::refuse("the output is empty");
  const ActivationKind kind = op.activation.kind;
  if (kind != ActivationKind::none && kind != ActivationKind::relu && kind != ActivationKind::clip)
    return Verdict::refuse("the activation is not one that oneDNN computes alike");
  return Verdict::accept();
}

std::vector<std::byte> bias_bytes(const Problem& problem, std::size_t index) {
  if (!problem.has_input(index)) return {};
  const auto bytes = problem.constants[index]->values<std::byte>();
  return {bytes.begin(), bytes.end()};
}

std::unique_ptr<Executable> make_plain(std::unique_ptr<Primitive> primitive) {
  return std::make_unique<PlainExecutable>(std::move(primitive));
}

}  // namespace octet::onednn
