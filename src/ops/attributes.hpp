// Attributes that several operators share. docs/numerics.md is the text behind every rule here.
#pragma once

#include <array>
#include <octet/tensor.hpp>

#include "ir/op.hpp"

namespace octet {

// Derive operators from OpBase<Self>; Self names its kind in `static constexpr kKind`.
template <typename Derived>
class OpBase : public Op {
 public:
  std::string_view kind() const noexcept override { return Derived::kKind; }
};

// Element type and quantisation of an output that inference cannot derive from the inputs.
struct OutputSpec {
  DType dtype = DType::f32;
  std::optional<Quant> quant;
  friend bool operator==(const OutputSpec&, const OutputSpec&) = default;
};

// How a float becomes a quantised integer.
//   mge : clamp(trunc(fl(v * fl(1/s)) +- 0.5f) + zero_point), half away from zero
//   onnx: clamp(rint(fl(v / s)) + zero_point), half to even
//   mge_division: clamp(round(fl(v / s)) + zero_point), half away from zero, exactly: MegEngine's
//         elementwise functions without an optimised kernel
enum class QuantRule : std::uint8_t { mge, onnx, mge_division };

// The row of the table in docs/numerics.md by which an accumulator becomes an output.
enum class EpilogueRule : std::uint8_t {
  mge_dense,   // v = acc * s_b + fl(bias * s_b);  y = away(v * fl(1/s_y))
  mge_packed,  // v = (acc + bias) * s_b;          y = away(v * fl(1/s_y))
  mge_ratio,   // v = (acc + bias) * fl(s_b/s_y);  y = away(v)
  mge_naive,   // v = (acc + bias) * s_b;          y = round(fl(v / s_y)), exactly half away
  onnx,        // v = (acc + bias) * fl(fl(s_x*s_w[k])/s_y);  y = even(v) + zero_point
};

enum class ActivationKind : std::uint8_t {
  none,
  relu,
  clip,
  h_swish,
  sigmoid,
  silu,
  leaky_relu,
  tanh
};
struct Activation {
  ActivationKind kind = ActivationKind::none;
  float alpha = 0.0f;  // clip: lowest; leaky_relu: slope
  float beta = 0.0f;   // clip: highest
  friend bool operator==(const Activation&, const Activation&) = default;
};

// The geometry of a sliding window: (height, width) pairs; pad is top, left, bottom, right.
struct Window2d {
  std::array<std::int64_t, 2> stride{1, 1};
  std::array<std::int64_t, 4> pad{0, 0, 0, 0};
  std::array<std::int64_t, 2> dilation{1, 1};
  friend bool operator==(const Window2d&, const Window2d&) = default;
};

std::string_view to_string(QuantRule rule) noexcept;
std::string_view to_string(EpilogueRule rule) noexcept;
std::string_view to_string(ActivationKind kind) noexcept;

// "0.0123", "0.0123,128" or, per index of axis 0, "axis=0,0.1,0.2"; nine digits.
std::string to_string(const Quant& quant);
// "f32", "s8(0.0123)", "u8(0.0123,128)".
std::string to_string(const OutputSpec& output);

// Tell a visitor a shared attribute under its usual names.
void visit(AttributeVisitor& visitor, const OutputSpec& output, std::string_view name = "output");
void visit(AttributeVisitor& visitor, const Activation& activation, std::string_view prefix = {});
void visit(AttributeVisitor& visitor, const Window2d& window);

// Checks that a quantisation can belong to this dtype and shape: scales finite and above 0, zero
// points within the dtype, as many of them as the axis is long. Throws Error(invalid_model).
void check(const Quant& quant, DType dtype, const Shape& shape);
// Checks stride, dilation >= 1, pads >= 0 and everything within limits::kExtent; throws
// Error(invalid_model).
void check(const Window2d& window);
// Positions of a window of `kernel` (dilated) over `extent` with the pads of one axis (0 = height).
// With `ceil_mode` a last window may reach beyond the pads, but not begin there.
// Throws Error(invalid_model) when the window does not fit once.
std::int64_t window_positions(const Window2d& window, int axis, std::int64_t extent,
                              std::int64_t kernel, bool ceil_mode = false);

}  // namespace octet
