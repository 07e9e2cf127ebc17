// The one canonical epilogue: from exact s32 sums to outputs (docs/numerics.md has the table).
//
// Every backend that computes integer sums itself gets its constants here and must perform the same
// binary32 operations in the same order, each rounded by itself (no contraction to FMA).
#pragma once

#include <vector>

#include "ops/conv.hpp"
#include "ops/quantiser.hpp"
#include "ops/wrapping.hpp"

namespace octet {

float activate(const Activation& activation, float v) noexcept;

// v = fl(fl(float(acc + ibias[k]) * m[k]) + fbias[k]); v = fl(v + fl(float(z - zz) * s_z));
// v = activation(v); y = quantise(v). Sums of integers are two's complement: they wrap modulo 2^32,
// so their order never matters. `ibias` includes the correction for the zero point of x: acc is the
// sum of (w - zw) * x over taps inside the image and of (w - zw) * zx over taps in the padding.
// By the rules mge_ratio and onnx v is in steps of the output (or `mid`), and so are the bounds of
// a clip and z_scale; everywhere else they are real numbers.
struct Epilogue {
  std::vector<std::int32_t> ibias;  // per output channel
  std::vector<float> m, fbias;      // per output channel
  bool has_fbias = false;           // false: nothing is added at all (-0.0f stays)

  Activation activation;
  bool float_output = false;  // store v itself
  bool sum_output = false;    // store acc + ibias itself (s32 output)
  Quantiser quantiser;        // of the output

  bool has_z = false;
  ZRounding z_rounding = ZRounding::once;
  float z_scale = 1.0f;
  std::int32_t z_zero_point = 0;
  // Only with ZRounding::twice: q = mid(mid_activation(v)), then
  // v = activation(fl(fl(float(q - mid.zero_point) * mid_scale) + fl(float(z - zz) * s_z))).
  Activation mid_activation;
  Quantiser mid;
  float mid_scale = 1.0f;
};

// Checks that a rule can give this output: s8, u8, s4 or u4 with one scale, the bare sums as s32,
// or f32; and that the activation has a meaning there. (The scales of an s32 output need the shape
// and are left to the operator.) Throws Error(invalid_model or unsupported).
void check_epilogue(EpilogueRule rule, const Activation& activation, const OutputSpec& output);

// `bias` is s32 with one element per channel, or nullptr; with a quantised bias the mge rules take
// its own scale for s_b, without one s_b = fl(s_x * s_w). `zero_point_sums` is the sum over the
// filter of (w - zw) per output channel, or empty when x has zero point 0 or acc is the sum of (w -
// zw) * (x - zx) already.
Epilogue make_epilogue(EpilogueRule rule, const Activation& activation, const OutputSpec& output,
                       std::int64_t channels, const Quant& x, const Quant& w, const ConstView* bias,
                       std::span<const std::int32_t> zero_point_sums, Epilogue reused = {});
// The same for a Conv2d, z included (`z` is nullptr when the node has none).
Epilogue make_epilogue(const Conv2d& op, std::int64_t channels, const Quant& x, const Quant& w,
                       const ConstView* bias, const Quant* z,
                       std::span<const std::int32_t> zero_point_sums, Epilogue reused = {});

// One output: acc of channel k, and z as stored (ignored without has_z). Integer outputs are
// returned as the integer's float value, which is exact for 8-bit types; sum_output is not for
// here.
float apply(const Epilogue& epilogue, std::int32_t acc, std::size_t k, std::int32_t z) noexcept;

// A row of outputs of channel k, written to `out` as `dtype`. `z` points to as many stored values
// of a one-byte dtype (ignored without has_z).
void apply_row(const Epilogue& epilogue, std::size_t k, std::span<const std::int32_t> sums,
               DType z_dtype, const std::byte* z, DType dtype, std::byte* out) noexcept;

}  // namespace octet
