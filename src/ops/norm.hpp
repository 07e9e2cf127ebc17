// Normalisations with statistics: batch, layer, instance, local response.
//
// All work on floats of any width, compute in binary64 and round each output once.
#pragma once

#include "ops/attributes.hpp"

namespace octet {

// Inputs: x {N,C,...}, scale, bias, mean, variance, each with C elements.
// y = (x - mean) / sqrt(variance + epsilon) * scale + bias.
struct BatchNorm final : OpBase<BatchNorm> {
  static constexpr std::string_view kKind = "batch_norm";
  double epsilon = 1e-5;

  void visit(AttributeVisitor& visitor) const override;
  std::vector<TensorType> infer(const InferArgs& args) const override;
  void compute(std::span<const ConstView> inputs, std::span<const View> outputs) const override;
};

// Over the last `axes` axes. Inputs: x, then weight and then bias of the normalised shape, or
// without. Outputs: y, mean, 1/deviation; the last two in binary32 (f64 for f64) with the shape of
// the leading axes; with `keep_dims` the normalised axes stay with extent 1.
struct LayerNorm final : OpBase<LayerNorm> {
  static constexpr std::string_view kKind = "layer_norm";
  std::int64_t axes = 1;
  double epsilon = 1e-5;
  bool keep_dims = false;

  void visit(AttributeVisitor& visitor) const override;
  std::vector<TensorType> infer(const InferArgs& args) const override;
  void compute(std::span<const ConstView> inputs, std::span<const View> outputs) const override;
};

// Inputs: x {N,C,...}, scale {C}, bias {C}.
struct InstanceNorm final : OpBase<InstanceNorm> {
  static constexpr std::string_view kKind = "instance_norm";
  double epsilon = 1e-5;

  void visit(AttributeVisitor& visitor) const override;
  std::vector<TensorType> infer(const InferArgs& args) const override;
  void compute(std::span<const ConstView> inputs, std::span<const View> outputs) const override;
};

// y = x / (bias + alpha/size * sum of squares over `size` neighbouring channels)^beta; an even size
// takes the extra channel behind. Input: x {N,C,...}.
struct LocalResponseNorm final : OpBase<LocalResponseNorm> {
  static constexpr std::string_view kKind = "lrn";
  std::int64_t size = 5;
  float alpha = 1e-4f, beta = 0.75f, bias = 1.0f;

  void visit(AttributeVisitor& visitor) const override;
  std::vector<TensorType> infer(const InferArgs& args) const override;
  void compute(std::span<const ConstView> inputs, std::span<const View> outputs) const override;
};

}  // namespace octet
