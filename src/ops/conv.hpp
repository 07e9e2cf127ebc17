// Convolutions: dense, grouped and depthwise conv2d, its transpose, and the forms in which each
// image or each output position has a filter of its own.
//
// Shapes are logical: activations (N,C,H,W); K output channels, R x S filter, G groups.
// A quantised activation may be s8 or u8 with a per-tensor scale and zero point; a filter s8 or u8
// with a scale (and zero point) per tensor or per output channel. Accumulation is exact in s32.
#pragma once

#include "ops/attributes.hpp"

namespace octet {

// Whether the sum of convolution and z is rounded once (z is part of the file's node) or the
// convolution is first rounded to `mid`, as before one of our passes fused the addition.
enum class ZRounding : std::uint8_t { once, twice };

// Inputs: x {N,C,H,W}, w {K,C/G,R,S}, bias {K} or {1,K,1,1} or absent, z {N,K,OH,OW} or absent.
// Quantised: bias is s32 with scale s_x*s_w; the output is s8/u8 quantised, s32 (the bare sum) or
// f32 (no last rounding). Float: everything f32.
struct Conv2d final : OpBase<Conv2d> {
  static constexpr std::string_view kKind = "conv2d";

  Window2d window;
  std::int64_t groups = 1;
  bool flip_filter = false;  // true convolution instead of cross-correlation
  Activation activation;     // after z
  OutputSpec output;
  EpilogueRule rule = EpilogueRule::mge_dense;

  // The residual operand. With `once`, `mid` is unused. With `twice`: q is what the convolution
  // with `mid_activation` and the output `mid` gives by `rule`, and then
  // y = quantise(activation(dequantise(q) + dequantise(z))) by `z_rule`, which is the rule of the
  // addition that was fused.
  ZRounding z_rounding = ZRounding::once;
  OutputSpec mid;
  Activation mid_activation;
  QuantRule z_rule = QuantRule::mge;

  void visit(AttributeVisitor& visitor) const override;
  std::vector<TensorType> infer(const InferArgs& args) const override;
  void compute(std::span<const ConstView> inputs, std::span<const View> outputs) const override;
};

// The gradient of conv2d with respect to its input. Inputs: x {N,C,H,W}, w {C,K/G,R,S} (ONNX order;
// the .mge reader brings its operands into this order), bias as for Conv2d or absent.
struct ConvTranspose2d final : OpBase<ConvTranspose2d> {
  static constexpr std::string_view kKind = "conv_transpose2d";

  Window2d window;  // pads are taken away from the output
  std::int64_t groups = 1;
  std::array<std::int64_t, 2> output_padding{0, 0};
  Activation activation;
  OutputSpec output;
  EpilogueRule rule = EpilogueRule::mge_ratio;

  void visit(AttributeVisitor& visitor) const override;
  std::vector<TensorType> infer(const InferArgs& args) const override;
  void compute(std::span<const ConstView> inputs, std::span<const View> outputs) const override;
};

// The weight's scales and zero points for all output channels: every group repeats them.
Quant repeated(const Quant& weight, std::int64_t groups);

// Each image has its own filter. Inputs: x {N,C,H,W}, w {N,K,C/G,R,S}, bias {K}/{1,K,1,1} or
// absent, z or absent (rounded once).
struct BatchConv2d final : OpBase<BatchConv2d> {
  static constexpr std::string_view kKind = "batch_conv2d";

  Window2d window;
  std::int64_t groups = 1;
  Activation activation;
  OutputSpec output;
  EpilogueRule rule = EpilogueRule::mge_ratio;

  void visit(AttributeVisitor& visitor) const override;
  std::vector<TensorType> infer(const InferArgs& args) const override;
  void compute(std::span<const ConstView> inputs, std::span<const View> outputs) const override;
};

// Each output position has its own filter (MegEngine's Local, G = 1, and GroupLocal).
// Inputs: x {N,C,H,W}, w {G,OH,OW,C/G,R,S,K/G}. f32, or s8 with an s8 or s32 output by `rule`.
struct GroupLocal final : OpBase<GroupLocal> {
  static constexpr std::string_view kKind = "group_local";

  Window2d window;
  bool flip_filter = false;
  OutputSpec output;
  EpilogueRule rule = EpilogueRule::mge_ratio;

  void visit(AttributeVisitor& visitor) const override;
  std::vector<TensorType> infer(const InferArgs& args) const override;
  void compute(std::span<const ConstView> inputs, std::span<const View> outputs) const override;
};

// Regions of output positions share a filter (MegEngine's LocalShare), f32.
// Inputs: x {N,C,H,W}, w {G,regions_h,regions_w,C/G,R,S,K/G}; OH and OW divide by the regions.
struct LocalShare final : OpBase<LocalShare> {
  static constexpr std::string_view kKind = "local_share";

  Window2d window;
  bool flip_filter = false;

  void visit(AttributeVisitor& visitor) const override;
  std::vector<TensorType> infer(const InferArgs& args) const override;
  void compute(std::span<const ConstView> inputs, std::span<const View> outputs) const override;
};

}  // namespace octet
