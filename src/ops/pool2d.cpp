#include <algorithm>
#include <limits>

#include "ops/elements.hpp"
#include "ops/epilogue.hpp"
#include "ops/operands.hpp"
#include "ops/pool.hpp"
#include "ops/pool_geometry.hpp"
#include "ops/product.hpp"
#include "ops/require.hpp"

namespace octet {
namespace {

template <typename T, typename F>
void for_each_tap(const T* map, std::int64_t width, const PoolTaps& rows, const PoolTaps& columns,
                  F&& f) {
  if (columns.inside <= 0) return;
  for (std::int64_t h = rows.begin; h < rows.end; h += rows.step)
    for (std::int64_t w = columns.begin; w < columns.end; w += columns.step) f(map[h * width + w]);
}

// Half away from zero, exactly: round(sum / count).
std::int64_t divide_half_away(std::int64_t sum, std::int64_t count) {
  const std::int64_t magnitude = (2 * (sum < 0 ? -sum : sum) + count) / (2 * count);
  return sum < 0 ? -magnitude : magnitude;
}

// Each pooler turns the taps of one window into the output element. An average of nothing is zero.
template <typename T>
struct MaxPooler {
  using Element = T;
  T operator()(const T* map, std::int64_t width, const PoolTaps& rows,
               const PoolTaps& columns) const {
    T most = std::numeric_limits<T>::lowest();
    if constexpr (std::numeric_limits<T>::has_infinity) most = -std::numeric_limits<T>::infinity();
    for_each_tap(map, width, rows, columns, [&](T v) { most = std::max(most, v); });
    return most;
  }
};

// Padding counts as the zero point.
template <typename T>
struct IntegerAverager {
  using Element = T;
  std::int64_t zero_point = 0;
  bool include_padding = false;
  T operator()(const T* map, std::int64_t width, const PoolTaps& rows,
               const PoolTaps& columns) const {
    std::int64_t sum = 0;
    for_each_tap(map, width, rows, columns, [&](T v) { sum += v; });
    const std::int64_t inside = rows.inside * columns.inside;
    const std::int64_t count = include_padding ? rows.padded * columns.padded : inside;
    if (count == 0) return static_cast<T>(zero_point);
    return static_cast<T>(divide_half_away(sum + (count - inside) * zero_point, count));
  }
};

// In binary32, tap by tap; quantised numbers become real first and are quantised last.
template <typename T>
struct FloatAverager {
  using Element = T;
  bool include_padding = false;
  std::int32_t zero_point = 0;
  float scale = 1.0f;
  Quantiser quantiser;
  T operator()(const T* map, std::int64_t width, const PoolTaps& rows,
               const PoolTaps& columns) const {
    float sum = 0.0f;
    for_each_tap(map, width, rows, columns, [&](T v) {
      if constexpr (std::is_integral_v<T>) sum += static_cast<float>(v - zero_point) * scale;
      else sum += v;
    });
    const std::int64_t count =
        include_padding ? rows.padded * columns.padded : rows.inside * columns.inside;
    const float mean = count == 0 ? 0.0f : sum / static_cast<float>(count);
    if constexpr (std::is_integral_v<T>) return static_cast<T>(quantiser(mean));
    else return mean;
  }
};

template <typename Pooler>
void pool(const Pooler& pooler, const PoolGeometry& geometry, const ConstView& x, const View& y) {
  using T = typename Pooler::Element;
  const std::int64_t height = x.shape()[2], width = x.shape()[3];
  const std::int64_t maps = x.shape()[0] * x.shape()[1];
  T* to = y.as<T>();
  for (std::int64_t map = 0; map < maps; ++map)
    for (std::int64_t oh = 0; oh < geometry.output[2]; ++oh) {
      const PoolTaps rows = pool_taps_at(geometry.window, 0, geometry.kernel[0], height, oh);
      for (std::int64_t ow = 0; ow < geometry.output[3]; ++ow)
        *to++ = pooler(x.as<T>() + map * height * width, width, rows,
                       pool_taps_at(geometry.window, 1, geometry.kernel[1], width, ow));
    }
}

// Whether the output's scale differs from the input's.
bool requantises(const Pool2d& op, const TensorType& x) {
  return op.output && !(op.output->quant == x.quant);
}

template <typename T>
void pool_integers(const Pool2d& op, const PoolGeometry& geometry, const ConstView& x,
                   const View& y) {
  const Quant& quant = quant_of(*x.type);
  const bool include_padding = op.mode == PoolMode::average;
  if (op.mode == PoolMode::max) {
    pool(MaxPooler<T>{}, geometry, x, y);
    if (!requantises(op, *x.type)) return;
    const Quantiser quantiser = Quantiser::make(*op.output, op.rule);
    T* values = y.as<T>();
    for (std::int64_t i = 0; i < geometry.output.elements(); ++i)
      values[i] = static_cast<T>(
          quantiser(static_cast<float>(values[i] - quant.zero_point()) * quant.scale()));
  } else if (op.rule == QuantRule::mge) {
    pool(IntegerAverager<T>{quant.zero_point(), include_padding}, geometry, x, y);
  } else {
    const Quant& out = quant_of(*y.type);
    pool(FloatAverager<T>{include_padding, quant.zero_point(), quant.scale(),
                          Quantiser::make(y.dtype(), out.scale(), out.zero_point(), op.rule)},
         geometry, x, y);
  }
}

}  // namespace

std::string_view to_string(PoolMode mode) noexcept {
  constexpr std::array<std::string_view, 3> kNames{"max", "average", "average_exclude_padding"};
  return kNames[static_cast<std::size_t>(mode)];
}

void Pool2d::visit(AttributeVisitor& visitor) const {
  visitor.text("mode", to_string(mode));
  if (global) {
    visitor.integer("global", 1);
  } else {
    visitor.integers("kernel", kernel);
    octet::visit(visitor, window);
    if (ceil_mode) visitor.integer("ceil_mode", 1);
  }
  visitor.text("rule", to_string(rule));
  if (output) octet::visit(visitor, *output);
}

std::vector<TensorType> Pool2d::infer(const InferArgs& args) const {
  require_inputs(args, 1, 1);
  const TensorType& x = args.types[0];
  require_supported(x.dtype == DType::f32 || is_byte_integer(x.dtype), "pooling of ", x,
                    " is not supported");
  if (x.quant) check(*x.quant, x.dtype, x.shape);
  const bool is_plain_integer = x.dtype != DType::f32 && !x.quant;
  require_supported(mode == PoolMode::max || !is_plain_integer || rule == QuantRule::mge,
                    "the float average of plain integers (", x, ") is not supported");
  TensorType y{x.dtype, checked_shape(PoolGeometry::of(*this, x.shape).output.extents()), kNCHW,
               x.quant};
  if (output) {
    require_supported(output->dtype == x.dtype && output->quant.has_value() == x.quant.has_value(),
                      "pooling of ", x, " to ", octet::to_string(*output), " is not supported");
    if (output->quant) check(*output->quant, y.dtype, y.shape);
    require_supported(!requantises(*this, x) || rule == QuantRule::onnx,
                      "pooling by MegEngine's rule keeps its input's scale; the output ",
                      octet::to_string(*output), " is not supported");
    y.quant = output->quant;
  }
  const bool keeps_numbers = mode == PoolMode::max && !requantises(*this, x);
  require_supported(keeps_numbers || (quant_of(x).is_per_tensor() && quant_of(y).is_per_tensor()),
                    "pooling with a scale per channel is not supported");
  return {y};
}

void Pool2d::compute(std::span<const ConstView> inputs, std::span<const View> outputs) const {
  const ConstView& x = inputs[0];
  const PoolGeometry geometry = PoolGeometry::of(*this, x.shape());
  if (x.dtype() == DType::f32) {
    if (mode == PoolMode::max) return pool(MaxPooler<float>{}, geometry, x, outputs[0]);
    return pool(FloatAverager<float>{mode == PoolMode::average, 0, 1.0f, {}}, geometry, x,
                outputs[0]);
  }
  if (x.dtype() == DType::u8 || x.dtype() == DType::u4)
    pool_integers<std::uint8_t>(*this, geometry, x, outputs[0]);
  else pool_integers<std::int8_t>(*this, geometry, x, outputs[0]);
}

}  // namespace octet
