// What each elementwise mode accepts, and how a node with given operand types is computed.
#pragma once

#include "ops/element_access.hpp"
#include "ops/elementwise.hpp"

namespace octet {

// Kinds of operands a mode accepts, as bits.
inline constexpr std::uint8_t kFloats = 1, kIntegers = 2, kBooleans = 4;

// What a mode may do with the stored integers of quantised operands of one scale.
enum class OnStored : std::uint8_t {
  never,
  within_range,         // the result is one of the operands or zero: never out of range
  without_output_type,  // sums: they wrap around, so not where an output type asks for saturation
};

struct ModeTraits {
  ElementwiseMode mode;
  std::string_view name;
  std::uint8_t operands;
  std::uint8_t accepts;
  bool gives_boolean = false;
  OnStored on_stored = OnStored::never;
  std::uint8_t attributes = 0;  // 1: alpha; 2: alpha and beta
};

const ModeTraits& traits_of(ElementwiseMode mode) noexcept;

struct ElementwisePlan {
  Arithmetic arithmetic = Arithmetic::binary32;
  DType dtype = DType::f32;  // of the output
  std::optional<Quant> quant;

  TensorType output(const Shape& shape) const { return {dtype, shape, kNCHW, quant}; }
};

// Throws Error(invalid_model or unsupported) when the mode does not take these operands.
ElementwisePlan make_plan(const Elementwise& op, std::span<const TensorType> operands);

}  // namespace octet
