// Matrix products.
#pragma once

#include "ops/attributes.hpp"

namespace octet {

// Inputs: a, b (numpy matmul semantics after the transposes: leading axes broadcast, rank 1 is
// promoted), bias (broadcast against the product; for quantised products s32 of length N) or
// absent. f32 x f32 -> f32; s8/u8 x s8/u8 -> s32 (exact sum of (a - za)(b - zb), quantised with
// s_a*s_b when both are quantised) or, with a quantised 8-bit `output`, requantised by `rule`.
struct MatMul final : OpBase<MatMul> {
  static constexpr std::string_view kKind = "matmul";

  bool transpose_a = false, transpose_b = false;
  Activation activation;
  std::optional<OutputSpec> output;  // absent: the natural type above
  EpilogueRule rule = EpilogueRule::onnx;

  void visit(AttributeVisitor& visitor) const override;
  std::vector<TensorType> infer(const InferArgs& args) const override;
  void compute(std::span<const ConstView> inputs, std::span<const View> outputs) const override;
};

}  // namespace octet
