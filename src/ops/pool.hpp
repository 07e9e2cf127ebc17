// Pooling over (N,C,H,W). The output has the input's dtype and, unless `output` is given, its
// scale.
#pragma once

#include "ops/attributes.hpp"

namespace octet {

enum class PoolMode : std::uint8_t { max, average, average_exclude_padding };
std::string_view to_string(PoolMode mode) noexcept;

// Integer averages by QuantRule::mge: round half away(sum / count) on the stored integers. By
// QuantRule::onnx: dequantise, average in float, quantise to `output`.
struct Pool2d final : OpBase<Pool2d> {
  static constexpr std::string_view kKind = "pool2d";

  PoolMode mode = PoolMode::max;
  std::array<std::int64_t, 2> kernel{1, 1};
  Window2d window;
  bool ceil_mode = false;
  bool global = false;  // the kernel is the whole map; kernel and window are ignored
  QuantRule rule = QuantRule::mge;
  std::optional<OutputSpec> output;

  void visit(AttributeVisitor& visitor) const override;
  std::vector<TensorType> infer(const InferArgs& args) const override;
  void compute(std::span<const ConstView> inputs, std::span<const View> outputs) const override;
};

// MegEngine's form: stride = floor(in/out), kernel = in - (out-1)*stride, no padding.
// Inputs: x, target {2} (oh, ow), whose value must be known.
struct AdaptivePool2d final : OpBase<AdaptivePool2d> {
  static constexpr std::string_view kKind = "adaptive_pool2d";

  PoolMode mode = PoolMode::average;

  void visit(AttributeVisitor& visitor) const override;
  std::vector<TensorType> infer(const InferArgs& args) const override;
  void compute(std::span<const ConstView> inputs, std::span<const View> outputs) const override;
};

}  // namespace octet
