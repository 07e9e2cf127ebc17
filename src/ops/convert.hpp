// Changes of element type.
#pragma once

#include "ops/attributes.hpp"
#include "ops/channel_rows.hpp"

namespace octet {

// Keeps the real value: quantise, dequantise, requantise. Input: x. Quantised -> float: (q-z)*s in
// binary32. Float or plain integer -> quantised: `rule`. Quantised -> quantised: mge multiplies by
// fl(s_in/s_out), or with u8 on a side by fl(s_in*fl(1/s_out)) (s32 -> u8 does not), and with 4
// bits on a side divides by s_out; onnx dequantises and quantises. Quantised -> plain integer: the
// real value as Cast converts it. Per-channel scales on either side follow their axis.
struct Convert final : OpBase<Convert> {
  static constexpr std::string_view kKind = "convert";

  OutputSpec output;
  QuantRule rule = QuantRule::mge;

  void visit(AttributeVisitor& visitor) const override;
  std::vector<TensorType> infer(const InferArgs& args) const override;
  void compute(std::span<const ConstView> inputs, std::span<const View> outputs) const override;
};

// Plain numbers to plain numbers, as a C cast (to boolean: v != 0). Input: x, not quantised.
// Floats become narrow integers by way of s32 (u32 and 64-bit integers: of s64), whose lowest
// number stands for what does not fit and for NaN: what x86 and so the frameworks' CPUs do.
struct Cast final : OpBase<Cast> {
  static constexpr std::string_view kKind = "cast";

  DType dtype = DType::f32;

  void visit(AttributeVisitor& visitor) const override;
  std::vector<TensorType> infer(const InferArgs& args) const override;
  void compute(std::span<const ConstView> inputs, std::span<const View> outputs) const override;
};

// The same integers with another meaning (or none): the bytes do not change. Input: x.
struct SetQuant final : OpBase<SetQuant> {
  static constexpr std::string_view kKind = "set_quant";

  std::optional<Quant> quant;

  void visit(AttributeVisitor& visitor) const override;
  std::vector<TensorType> infer(const InferArgs& args) const override;
  void compute(std::span<const ConstView> inputs, std::span<const View> outputs) const override;
};

// Copies {N,C,H,W} between the layouts of the two types, which agree in all else; added channels
// become zero points.
void copy_layout(const ConstView& from, const View& to);

// The same value in another layout. Input: x {N,C,H,W}; added channels are zero points.
struct Relayout final : OpBase<Relayout> {
  static constexpr std::string_view kKind = "relayout";

  Layout layout;

  void visit(AttributeVisitor& visitor) const override;
  std::vector<TensorType> infer(const InferArgs& args) const override;
  void compute(std::span<const ConstView> inputs, std::span<const View> outputs) const override;
};

// ONNX QuantizeLinear and DequantizeLinear whose scale is computed in the graph. Inputs: x, scale,
// zero_point or absent (both with one element, or one per index of `axis`); outputs are plain
// numbers.
struct QuantizeByInput final : OpBase<QuantizeByInput> {
  static constexpr std::string_view kKind = "quantize_by_input";

  bool dequantize = false;
  DType dtype = DType::u8;  // of the quantised side when there is no zero point
  int axis = 1;

  void visit(AttributeVisitor& visitor) const override;
  std::vector<TensorType> infer(const InferArgs& args) const override;
  void compute(std::span<const ConstView> inputs, std::span<const View> outputs) const override;
};

// Which elements share a scale.
ChannelRows quantize_rows(const QuantizeByInput& op, const Shape& x, const Shape& scale);

// ONNX DynamicQuantizeLinear. Input: x f32. Outputs: y u8, scale f32 {}, zero_point u8 {}. The
// scale spreads 0 ... 255 over the range of x and 0; it is 1 where that range is empty.
struct DynamicQuantize final : OpBase<DynamicQuantize> {
  static constexpr std::string_view kKind = "dynamic_quantize";

  void visit(AttributeVisitor& visitor) const override;
  std::vector<TensorType> infer(const InferArgs& args) const override;
  void compute(std::span<const ConstView> inputs, std::span<const View> outputs) const override;
};

}  // namespace octet
