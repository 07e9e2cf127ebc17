#include "ops/attributes.hpp"

#include <cmath>

#include "base/limits.hpp"
#include "ops/require.hpp"

namespace octet {
namespace {

constexpr std::array<std::string_view, 3> kQuantRules{"mge", "onnx", "mge_division"};
constexpr std::array<std::string_view, 5> kEpilogueRules{"mge_dense", "mge_packed", "mge_ratio",
                                                         "mge_naive", "onnx"};
constexpr std::array<std::string_view, 8> kActivations{"none",    "relu", "clip",       "h_swish",
                                                       "sigmoid", "silu", "leaky_relu", "tanh"};

bool in_extent_range(std::int64_t value, std::int64_t lowest) {
  return value >= lowest && value <= limits::kExtent;
}

}  // namespace

std::string_view to_string(QuantRule rule) noexcept {
  return kQuantRules[static_cast<std::size_t>(rule)];
}
std::string_view to_string(EpilogueRule rule) noexcept {
  return kEpilogueRules[static_cast<std::size_t>(rule)];
}
std::string_view to_string(ActivationKind kind) noexcept {
  return kActivations[static_cast<std::size_t>(kind)];
}

std::string to_string(const Quant& quant) {
  std::ostringstream out;
  out.precision(9);  // enough to tell any two floats apart
  if (!quant.is_per_tensor()) out << "axis=" << quant.axis << ',';
  for (std::size_t k = 0; k < quant.scales.size(); ++k)
    out << (k == 0 ? "" : ",") << quant.scales[k];
  if (!quant.is_symmetric()) out << ',' << join(quant.zero_points, ",");
  return std::move(out).str();
}

std::string to_string(const OutputSpec& output) {
  const std::string dtype(to_string(output.dtype));
  return output.quant ? concat(dtype, "(", to_string(*output.quant), ")") : dtype;
}

void visit(AttributeVisitor& visitor, const OutputSpec& output, std::string_view name) {
  visitor.text(name, to_string(output));
}

void visit(AttributeVisitor& visitor, const Activation& activation, std::string_view prefix) {
  if (activation.kind == ActivationKind::none) return;
  visitor.text(concat(prefix, "activation"), to_string(activation.kind));
  const bool is_clip = activation.kind == ActivationKind::clip;
  if (is_clip || activation.kind == ActivationKind::leaky_relu)
    visitor.number(concat(prefix, "alpha"), activation.alpha);
  if (is_clip) visitor.number(concat(prefix, "beta"), activation.beta);
}

void visit(AttributeVisitor& visitor, const Window2d& window) {
  visitor.integers("stride", window.stride);
  visitor.integers("pad", window.pad);
  visitor.integers("dilation", window.dilation);
}

void check(const Quant& quant, DType dtype, const Shape& shape) {
  require(is_integer(dtype), "a value of type ", to_string(dtype), " cannot be quantised");
  require(!quant.scales.empty(), "a quantised value has no scale");
  for (const float scale : quant.scales)
    require(std::isfinite(scale) && scale > 0.0f, "the scale ", scale,
            " is not a finite number above 0");
  const IntegerRange range = integer_range(dtype);
  for (const std::int32_t zero_point : quant.zero_points)
    require(zero_point >= range.lowest && zero_point <= range.highest, "the zero point ",
            zero_point, " is outside the range of ", to_string(dtype));
  const std::size_t points = quant.zero_points.size();
  require(points <= 1 || points == quant.scales.size(), points, " zero points stand beside ",
          quant.scales.size(), " scales");
  if (quant.is_per_tensor()) return;
  require(quant.axis >= 0 && static_cast<std::size_t>(quant.axis) < shape.rank(),
          "the scales vary along axis ", quant.axis, ", which the shape ", shape, " does not have");
  const std::int64_t extent = shape[static_cast<std::size_t>(quant.axis)];
  require(static_cast<std::int64_t>(quant.scales.size()) == extent, quant.scales.size(),
          " scales stand along axis ", quant.axis, " of the shape ", shape);
}

void check(const Window2d& window) {
  for (const std::int64_t stride : window.stride)
    require(in_extent_range(stride, 1), "the stride ", stride, " is not in 1 .. ", limits::kExtent);
  for (const std::int64_t dilation : window.dilation)
    require(in_extent_range(dilation, 1), "the dilation ", dilation, " is not in 1 .. ",
            limits::kExtent);
  for (const std::int64_t pad : window.pad)
    require(in_extent_range(pad, 0), "the padding ", pad, " is not in 0 .. ", limits::kExtent);
}

std::int64_t window_positions(const Window2d& window, int axis, std::int64_t extent,
                              std::int64_t kernel, bool ceil_mode) {
  const auto a = static_cast<std::size_t>(axis);
  require(in_extent_range(extent, 0), "the input extent ", extent, " is not in 0 .. ",
          limits::kExtent);
  require(in_extent_range(kernel, 1), "the kernel extent ", kernel, " is not in 1 .. ",
          limits::kExtent);
  // All numbers are below 2^31, so nothing here overflows.
  const std::int64_t span = window.dilation[a] * (kernel - 1) + 1;
  const std::int64_t padded = extent + window.pad[a] + window.pad[a + 2];
  require(padded >= span, "a window of extent ", span, " does not fit into ", padded,
          ", the padded extent of the input's ", axis == 0 ? "height" : "width");
  const std::int64_t stride = window.stride[a];
  const std::int64_t room = padded - span;
  if (!ceil_mode) return room / stride + 1;
  const std::int64_t positions = (room + stride - 1) / stride + 1;
  const bool last_is_outside = (positions - 1) * stride >= extent + window.pad[a];
  return last_is_outside ? positions - 1 : positions;
}

}  // namespace octet
