// For which elementwise operators MegEngine 1.13.0's x86 CPU has an optimised kernel, which
// multiplies by the reciprocal of the result's scale where all others divide by it. Found by asking
// it about operands whose results lie on and beside ties.
#include <algorithm>

#include "ops/elementwise.hpp"
#include "ops/product.hpp"

namespace octet {
namespace {

using enum ElementwiseMode;

bool has_kernel(ElementwiseMode mode) {
  constexpr ElementwiseMode kModes[] = {
      relu, abs, sigmoid, exp,      tanh,        h_swish,  add,         sub,     mul,
      div,  min, max,     add_relu, add_sigmoid, add_tanh, add_h_swish, mul_add3};
  return std::find(std::begin(kModes), std::end(kModes), mode) != std::end(kModes);
}

// All operands of one 8-bit type that the result has too; a few take sums of 32 bits.
bool fits_types(ElementwiseMode mode, std::span<const TensorType> operands, DType result) {
  const DType first = operands[0].dtype;
  if (std::any_of(operands.begin(), operands.end(),
                  [&](const TensorType& type) { return type.dtype != first; }))
    return false;
  if (first == DType::s32)
    return is_byte(result) && (mode == relu || mode == h_swish || mode == add || mode == add_relu);
  return is_byte(result) && first == result;
}

enum class Spread { whole, scalar, channels, other };

// How an operand is spread over the result, axes of one element left aside: not at all, from one
// number, along the middle of three axes (of which the first may have one element), or otherwise.
Spread spread_of(const Shape& operand, const Shape& result) {
  bool any_kept = false, any_spread = false, ends_spread = false;
  int kept_runs = 0;
  for (std::size_t axis = 0; axis < result.rank(); ++axis) {
    if (result[axis] == 1) continue;
    const std::size_t missing = result.rank() - operand.rank();
    const bool is_kept = axis >= missing && operand[axis - missing] != 1;
    if (is_kept && (ends_spread || !any_kept)) ++kept_runs;
    any_kept = any_kept || is_kept;
    any_spread = any_spread || !is_kept;
    ends_spread = !is_kept;
  }
  if (!any_spread) return Spread::whole;
  if (!any_kept) return Spread::scalar;
  return kept_runs == 1 && ends_spread ? Spread::channels : Spread::other;
}

bool fits_shapes(std::span<const TensorType> operands) {
  Shape result = operands[0].shape;
  for (const TensorType& type : operands) result = broadcast(result, type.shape);
  const auto spread = [&](std::size_t i) { return spread_of(operands[i].shape, result); };
  if (operands.size() == 1) return true;
  if (operands.size() == 2) {
    if (spread(0) == Spread::whole) return spread(1) != Spread::other;
    return spread(1) == Spread::whole && spread(0) != Spread::other;
  }
  if (spread(1) != Spread::whole) return false;
  if (spread(0) == Spread::whole) return spread(2) == Spread::whole || spread(2) == Spread::scalar;
  return spread(0) == Spread::channels && spread(2) == Spread::channels;
}

}  // namespace

QuantRule mge_rule(ElementwiseMode mode, std::span<const TensorType> operands, DType result) {
  const bool has_one = has_kernel(mode) && !operands.empty() &&
                       fits_types(mode, operands, result) && fits_shapes(operands);
  return has_one ? QuantRule::mge : QuantRule::mge_division;
}

}  // namespace octet
