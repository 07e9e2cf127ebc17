#include "ops/epilogue.hpp"

#include <algorithm>

#include "ops/product.hpp"
#include "ops/require.hpp"
#include "ops/scalar_functions.hpp"

namespace octet {
namespace {

// By these rules one factor leads from the sum straight to steps of the output.
bool scales_to_output(EpilogueRule rule) {
  return rule == EpilogueRule::mge_ratio || rule == EpilogueRule::onnx;
}

// Whether activation(v * s) = activation(v) * s for s > 0, bounds aside.
bool commutes_with_scale(ActivationKind kind) {
  return kind == ActivationKind::none || kind == ActivationKind::relu ||
         kind == ActivationKind::clip || kind == ActivationKind::leaky_relu;
}

Activation in_steps(Activation activation, float scale) {
  if (activation.kind == ActivationKind::clip) {
    activation.alpha /= scale;
    activation.beta /= scale;
  }
  return activation;
}

Rounding rounding_of(QuantRule rule) noexcept {
  switch (rule) {
    case QuantRule::mge: return Rounding::away;
    case QuantRule::onnx: return Rounding::even;
    case QuantRule::mge_division: break;
  }
  return Rounding::away_exactly;
}

// The last step when v is in steps already: round, add the zero point, clamp.
Quantiser rounding_only(const OutputSpec& output, EpilogueRule rule) {
  Quantiser quantiser = Quantiser::make(output, QuantRule::mge);
  quantiser.factor = 1.0f;
  quantiser.rounding = rule == EpilogueRule::onnx ? Rounding::even : Rounding::away;
  return quantiser;
}

float bias_scale(const Quant& x, const Quant& w, const ConstView* bias, std::size_t k) {
  if (bias != nullptr && bias->type->quant) return bias->type->quant->scale(k);
  return x.scale() * w.scale(k);
}

void set_factors(Epilogue& e, EpilogueRule rule, const OutputSpec& output, const Quant& x,
                 const Quant& w, const ConstView* bias) {
  const float output_scale = output.quant ? output.quant->scale() : 1.0f;
  for (std::size_t k = 0; k < e.m.size(); ++k) {
    const float sum_scale =
        rule == EpilogueRule::onnx ? x.scale() * w.scale(k) : bias_scale(x, w, bias, k);
    e.m[k] = scales_to_output(rule) ? sum_scale / output_scale : sum_scale;
  }
}

void set_biases(Epilogue& e, EpilogueRule rule, const Quant& x, const Quant& w,
                const ConstView* bias, std::span<const std::int32_t> zero_point_sums) {
  const std::uint32_t zx = static_cast<std::uint32_t>(x.zero_point());
  for (std::size_t k = 0; k < zero_point_sums.size(); ++k)
    e.ibias[k] =
        static_cast<std::int32_t>(0u - zx * static_cast<std::uint32_t>(zero_point_sums[k]));
  if (bias == nullptr) return;
  const auto* values = bias->as<std::int32_t>();
  // MegEngine's dense convolution adds the bias as a float of its own; a bare sum stays integer.
  e.has_fbias = rule == EpilogueRule::mge_dense && !e.sum_output;
  for (std::size_t k = 0; k < e.ibias.size(); ++k) {
    if (e.has_fbias) e.fbias[k] = static_cast<float>(values[k]) * bias_scale(x, w, bias, k);
    else e.ibias[k] = wrapping_add(e.ibias[k], values[k]);
  }
}

template <typename Z, typename Out>
void apply_row_as(const Epilogue& e, std::size_t k, std::span<const std::int32_t> sums, const Z* z,
                  Out* out) noexcept {
  for (std::size_t i = 0; i < sums.size(); ++i)
    out[i] = static_cast<Out>(apply(e, sums[i], k, e.has_z ? z[i] : 0));
}

template <typename Z>
void apply_row_with(const Epilogue& e, std::size_t k, std::span<const std::int32_t> sums,
                    const Z* z, DType dtype, std::byte* out) noexcept {
  if (dtype == DType::f32) apply_row_as(e, k, sums, z, reinterpret_cast<float*>(out));
  else if (dtype == DType::u8 || dtype == DType::u4)
    apply_row_as(e, k, sums, z, reinterpret_cast<std::uint8_t*>(out));
  else apply_row_as(e, k, sums, z, reinterpret_cast<std::int8_t*>(out));
}

}  // namespace

float activate(const Activation& activation, float v) noexcept {
  switch (activation.kind) {
    case ActivationKind::none: return v;
    case ActivationKind::relu: return scalar::relu(v);
    case ActivationKind::clip: return scalar::clip(v, activation.alpha, activation.beta);
    case ActivationKind::h_swish: return scalar::h_swish(v);
    case ActivationKind::sigmoid: return scalar::sigmoid(v);
    case ActivationKind::silu: return scalar::silu(v);
    case ActivationKind::leaky_relu: return scalar::leaky_relu(v, activation.alpha);
    case ActivationKind::tanh: return std::tanh(v);
  }
  return v;
}

Quantiser Quantiser::make(const OutputSpec& output, QuantRule rule) {
  if (!output.quant) return make(output.dtype, 1.0f, 0, rule);
  return make(output.dtype, output.quant->scale(), output.quant->zero_point(), rule);
}

Quantiser Quantiser::make(DType dtype, float scale, std::int32_t zero_point,
                          QuantRule rule) noexcept {
  Quantiser quantiser;
  quantiser.multiply = rule == QuantRule::mge;
  quantiser.factor = quantiser.multiply ? 1.0f / scale : scale;
  quantiser.rounding = rounding_of(rule);
  const IntegerRange range = integer_range(dtype);
  quantiser.lowest = static_cast<float>(range.lowest);
  quantiser.highest = static_cast<float>(range.highest);
  quantiser.zero_point = zero_point;
  return quantiser;
}

void check_epilogue(EpilogueRule rule, const Activation& activation, const OutputSpec& output) {
  const bool none = activation.kind == ActivationKind::none;
  if (output.dtype == DType::s32) {
    require(none, "the activation ", to_string(activation.kind),
            " cannot be applied to sums that stay s32");
    return;
  }
  if (output.dtype == DType::f32) {
    require(!output.quant, "an f32 output has a scale");
  } else {
    require_supported(is_byte_integer(output.dtype), "an integer product with an output of type ",
                      to_string(output.dtype), " is not supported");
    require(output.quant.has_value(), "an output of type ", to_string(output.dtype),
            " needs a scale");
    require_supported(output.quant->is_per_tensor(),
                      "an output with a scale per channel is not supported here");
    check(*output.quant, output.dtype, Shape{});
  }
  require_supported(
      !scales_to_output(rule) || output.dtype == DType::f32 || commutes_with_scale(activation.kind),
      "the activation ", to_string(activation.kind), " inside the rule ", to_string(rule),
      " is not supported");
}

Epilogue make_epilogue(EpilogueRule rule, const Activation& activation, const OutputSpec& output,
                       std::int64_t channels, const Quant& x, const Quant& w, const ConstView* bias,
                       std::span<const std::int32_t> zero_point_sums, Epilogue reused) {
  const auto count = static_cast<std::size_t>(channels);
  Epilogue e;
  e.ibias = std::move(reused.ibias);
  e.m = std::move(reused.m);
  e.fbias = std::move(reused.fbias);
  e.ibias.assign(count, 0);
  e.m.assign(count, 1.0f);
  e.fbias.assign(count, 0.0f);
  e.sum_output = output.dtype == DType::s32;
  e.float_output = output.dtype == DType::f32;
  e.activation = activation;
  set_biases(e, rule, x, w, bias, zero_point_sums);
  if (e.sum_output) return e;
  set_factors(e, rule, output, x, w, bias);
  if (e.float_output) return e;
  if (scales_to_output(rule)) {
    e.activation = in_steps(activation, output.quant->scale());
    e.quantiser = rounding_only(output, rule);
  } else {
    const bool naive = rule == EpilogueRule::mge_naive;
    e.quantiser = Quantiser::make(output, naive ? QuantRule::mge_division : QuantRule::mge);
  }
  return e;
}

Epilogue make_epilogue(const Conv2d& op, std::int64_t channels, const Quant& x, const Quant& w,
                       const ConstView* bias, const Quant* z,
                       std::span<const std::int32_t> zero_point_sums, Epilogue reused) {
  const bool twice = z != nullptr && op.z_rounding == ZRounding::twice;
  Epilogue e =
      make_epilogue(op.rule, twice ? op.mid_activation : op.activation, twice ? op.mid : op.output,
                    channels, x, w, bias, zero_point_sums, std::move(reused));
  if (z == nullptr) return e;
  e.has_z = true;
  e.z_rounding = op.z_rounding;
  e.z_scale = z->scale();
  e.z_zero_point = z->zero_point();
  if (!twice) {
    if (scales_to_output(op.rule) && op.output.quant) e.z_scale /= op.output.quant->scale();
    return e;
  }
  e.mid = e.quantiser;
  e.mid_activation = e.activation;
  e.mid_scale = op.mid.quant->scale();
  e.activation = op.activation;
  e.float_output = op.output.dtype == DType::f32;
  e.quantiser = Quantiser::make(op.output, op.z_rule);
  return e;
}

float apply(const Epilogue& e, std::int32_t acc, std::size_t k, std::int32_t z) noexcept {
  float v = static_cast<float>(wrapping_add(acc, e.ibias[k])) * e.m[k];
  if (e.has_fbias) v = v + e.fbias[k];
  if (e.has_z) {
    const float residual = static_cast<float>(z - e.z_zero_point) * e.z_scale;
    if (e.z_rounding == ZRounding::twice) {
      const std::int32_t q = e.mid(activate(e.mid_activation, v));
      v = static_cast<float>(q - e.mid.zero_point) * e.mid_scale;
    }
    v = v + residual;
  }
  v = activate(e.activation, v);
  return e.float_output ? v : static_cast<float>(e.quantiser(v));
}

void apply_row(const Epilogue& e, std::size_t k, std::span<const std::int32_t> sums, DType z_dtype,
               const std::byte* z, DType dtype, std::byte* out) noexcept {
  if (e.sum_output) {
    auto* to = reinterpret_cast<std::int32_t*>(out);
    for (std::size_t i = 0; i < sums.size(); ++i) to[i] = wrapping_add(sums[i], e.ibias[k]);
  } else if (z_dtype == DType::u8 || z_dtype == DType::u4) {
    apply_row_with(e, k, sums, reinterpret_cast<const std::uint8_t*>(z), dtype, out);
  } else {
    apply_row_with(e, k, sums, reinterpret_cast<const std::int8_t*>(z), dtype, out);
  }
}

}  // namespace octet
