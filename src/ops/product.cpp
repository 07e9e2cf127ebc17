#include "ops/product.hpp"

#include <algorithm>
#include <cmath>

#include "ops/require.hpp"

namespace octet {
namespace {

// MegEngine accepts a bias scale within 1e-6 of s_x * s_w; scales above 0.01 may differ by
// rounding.
constexpr float kBiasScaleTolerance = 1e-6f;
constexpr float kBiasScaleRelativeTolerance = 1e-4f;

void check_factor(const TensorType& type, std::string_view name) {
  require_supported(is_byte_integer(type.dtype), "a product whose ", name, " is ", type,
                    " is not supported");
  if (type.quant) check(*type.quant, type.dtype, type.shape);
}

}  // namespace

bool is_byte_integer(DType dtype) noexcept { return is_integer(dtype) && size_of(dtype) == 1; }
bool is_byte(DType dtype) noexcept { return dtype == DType::s8 || dtype == DType::u8; }
bool is_quantised_byte(const TensorType& type) noexcept {
  return is_byte(type.dtype) && type.is_quantised();
}
bool is_per_tensor_byte(const TensorType& type) noexcept {
  return is_quantised_byte(type) && type.quant->is_per_tensor();
}

const Quant& quant_of(const TensorType& type) noexcept {
  static const Quant kPlain;
  return type.quant ? *type.quant : kPlain;
}

ConstView operand(std::span<const ConstView> inputs, std::size_t index) noexcept {
  return index < inputs.size() ? inputs[index] : ConstView{};
}

bool check_factors(const TensorType& x, const TensorType& w, int channel_axis) {
  const bool is_float_product = x.dtype == DType::f32 && w.dtype == DType::f32;
  if (is_float_product) {
    require(!x.quant && !w.quant, "an f32 operand has a scale");
    return true;
  }
  check_factor(x, "input");
  check_factor(w, "weight");
  require_supported(quant_of(x).is_per_tensor(), "an input with a scale per channel (", x,
                    ") is not supported");
  if (quant_of(w).is_per_tensor()) return false;
  require_supported(channel_axis >= 0, "a weight with a scale per channel (", w,
                    ") is not supported here");
  require_supported(w.quant->axis == channel_axis, "a weight whose scales vary along axis ",
                    w.quant->axis, " instead of ", channel_axis,
                    ", its output channels, is not supported");
  return false;
}

void check_bias(const TensorType& bias, std::int64_t channels, const TensorType& x,
                const TensorType& w) {
  const Shape& shape = bias.shape;
  const bool is_vector = shape.rank() == 1 && shape[0] == channels;
  const bool is_map =
      shape.rank() == 4 && shape[0] == 1 && shape[1] == channels && shape[2] == 1 && shape[3] == 1;
  require(is_vector || is_map, "the bias has the shape ", shape, " where {", channels, "} or {1,",
          channels, ",1,1} is expected");
  const DType expected = x.dtype == DType::f32 ? DType::f32 : DType::s32;
  require(bias.dtype == expected, "the bias is ", bias, " where ", to_string(expected),
          " is expected");
  if (!bias.quant) return;
  const Quant& quant = *bias.quant;
  check(quant, bias.dtype, shape);
  require(quant.is_symmetric(), "the bias has a zero point");
  // A grouped transposed convolution repeats the weight's scales in every group.
  const std::vector<float>& weight_scales = quant_of(w).scales;
  for (std::size_t k = 0; k < std::max(quant.scales.size(), weight_scales.size()); ++k) {
    const float product = quant_of(x).scale() * weight_scales[k % weight_scales.size()];
    const float tolerance = std::max(kBiasScaleTolerance, kBiasScaleRelativeTolerance * product);
    require(std::fabs(quant.scale(k) - product) <= tolerance, "the bias has the scale ",
            quant.scale(k), " where ", product, ", the input's times the weight's, is expected");
  }
}

void check_residual(const TensorType& z, const Shape& output, bool is_float) {
  require(z.shape == output, "the residual operand has the shape ", z.shape,
          " where the output has ", output);
  if (is_float) {
    require(z.dtype == DType::f32, "the residual operand is ", z, " where f32 is expected");
    return;
  }
  require(is_byte_integer(z.dtype) && z.quant, "the residual operand is ", z,
          " where quantised s8 or u8 is expected");
  check(*z.quant, z.dtype, z.shape);
  require_supported(z.quant->is_per_tensor(),
                    "a residual operand with a scale per channel is not supported");
}

TensorType output_type(const OutputSpec& output, const Shape& shape) {
  if (output.quant) check(*output.quant, output.dtype, shape);
  return TensorType{output.dtype, shape, kNCHW, output.quant};
}

}  // namespace octet
