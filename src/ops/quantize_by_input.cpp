#include "ops/convert.hpp"
#include "ops/elements.hpp"
#include "ops/epilogue.hpp"
#include "ops/operands.hpp"
#include "ops/product.hpp"
#include "ops/require.hpp"

namespace octet {
namespace {

constexpr std::size_t kX = 0, kScale = 1, kZeroPoint = 2;

void check_scale(const Shape& x, const TensorType& scale, int axis) {
  require(scale.dtype == DType::f32 && !scale.quant, "the scale is ", scale,
          " where f32 is expected");
  if (scale.shape.elements() == 1) return;
  const std::int64_t extent = x.rank() == 0 ? 1 : x[resolve_axis(axis, x.rank())];
  require(scale.shape.rank() == 1 && scale.shape[0] == extent, "the scales of shape ", scale.shape,
          " do not fit axis ", axis, " of ", x);
}

std::int32_t integer_at(const ConstView& view, std::int64_t i) {
  return with_storage(view.dtype(), [&]<typename T>(std::type_identity<T>) {
    return static_cast<std::int32_t>(view.as<T>()[i]);
  });
}

void quantise(const float* x, std::int64_t count, const Quantiser& quantiser, DType dtype,
              std::byte* y) {
  with_storage(dtype, [&]<typename T>(std::type_identity<T>) {
    if constexpr (std::is_integral_v<T>)
      for (std::int64_t i = 0; i < count; ++i)
        reinterpret_cast<T*>(y)[i] = static_cast<T>(quantiser(x[i]));
  });
}

void dequantise(const std::byte* x, DType dtype, std::int64_t count, std::int32_t zero_point,
                float scale, float* y) {
  with_storage(dtype, [&]<typename T>(std::type_identity<T>) {
    for (std::int64_t i = 0; i < count; ++i) {
      const float value = static_cast<float>(reinterpret_cast<const T*>(x)[i]);
      y[i] = (value - static_cast<float>(zero_point)) * scale;
    }
  });
}

}  // namespace

ChannelRows quantize_rows(const QuantizeByInput& op, const Shape& x, const Shape& scale) {
  if (scale.elements() == 1) return ChannelRows::whole(x);
  return ChannelRows::along(x, resolve_axis(op.axis, x.rank()));
}

void QuantizeByInput::visit(AttributeVisitor& visitor) const {
  visitor.integer("dequantize", dequantize ? 1 : 0);
  visitor.text("dtype", to_string(dtype));
  visitor.integer("axis", axis);
}

std::vector<TensorType> QuantizeByInput::infer(const InferArgs& args) const {
  require_inputs(args, 2, 3);
  const TensorType &x = args.types[kX], &scale = args.types[kScale];
  require(!x.quant, "the input ", x, " has a scale of its own");
  check_scale(x.shape, scale, axis);
  DType integers = dequantize ? x.dtype : dtype;
  if (has_input(args, kZeroPoint)) {
    const TensorType& zero_point = args.types[kZeroPoint];
    require(zero_point.shape.elements() == scale.shape.elements(), "the zero points of shape ",
            zero_point.shape, " stand beside scales of shape ", scale.shape);
    require(!dequantize || zero_point.dtype == x.dtype, "the zero point is ",
            to_string(zero_point.dtype), " where the input is ", to_string(x.dtype));
    integers = zero_point.dtype;
  }
  const bool is_narrow =
      is_byte_integer(integers) || integers == DType::s16 || integers == DType::u16;
  require_supported(is_narrow || (dequantize && integers == DType::s32),
                    "quantised numbers of type ", to_string(integers), " are not supported");
  require(dequantize || x.dtype == DType::f32, "the input is ", x, " where f32 is expected");
  return {TensorType{dequantize ? DType::f32 : integers, x.shape, kNCHW, std::nullopt}};
}

void QuantizeByInput::compute(std::span<const ConstView> inputs,
                              std::span<const View> outputs) const {
  const ConstView &x = inputs[kX], &scale = inputs[kScale];
  const ConstView zero_point = operand(inputs, kZeroPoint);
  const View& y = outputs[0];
  const ChannelRows rows = quantize_rows(*this, x.shape(), scale.shape());
  const auto x_bytes = static_cast<std::int64_t>(size_of(x.dtype()));
  const auto y_bytes = static_cast<std::int64_t>(size_of(y.dtype()));
  for (std::int64_t k = 0; k < rows.channels; ++k) {
    const float s = scale.as<float>()[k];
    const std::int32_t zero = zero_point.data != nullptr ? integer_at(zero_point, k) : 0;
    const Quantiser quantiser = Quantiser::make(y.dtype(), s, zero, QuantRule::onnx);
    for (std::int64_t i = 0; i < rows.outer; ++i) {
      const std::int64_t offset = rows.offset(i, k);
      if (dequantize)
        dequantise(x.data + offset * x_bytes, x.dtype(), rows.inner, zero, s,
                   y.as<float>() + offset);
      else
        quantise(x.as<float>() + offset, rows.inner, quantiser, y.dtype(),
                 y.data + offset * y_bytes);
    }
  }
}

}  // namespace octet
