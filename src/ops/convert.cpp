#include "ops/convert.hpp"

#include <algorithm>
#include <array>

#include "ops/channel_rows.hpp"
#include "ops/convert_step.hpp"
#include "ops/elements.hpp"
#include "ops/epilogue.hpp"
#include "ops/operands.hpp"
#include "ops/product.hpp"
#include "ops/require.hpp"

namespace octet {
namespace {

bool is_nibble(DType dtype) { return dtype == DType::s4 || dtype == DType::u4; }

// The one factor with which MegEngine leads from steps to steps.
float joint_factor(const TensorType& x, const TensorType& y, std::size_t k) {
  const float from = x.quant->scale(k), to = y.quant->scale(k);
  const bool asymmetric = x.dtype == DType::u8 || (x.dtype == DType::s8 && y.dtype == DType::u8);
  return asymmetric ? from * (1.0f / to) : from / to;
}

}  // namespace

ConvertStep ConvertStep::make(const TensorType& x, const TensorType& y, QuantRule rule,
                              std::size_t k) {
  ConvertStep step;
  if (x.quant) {
    step.zero_point = x.quant->zero_point(k);
    step.factor = x.quant->scale(k);
    step.scaled = true;
  }
  if (!y.quant) return step;
  step.quantises = true;
  // MegEngine converts from and to four bits as it quantises without an optimised kernel.
  if (rule == QuantRule::mge && (is_nibble(x.dtype) || is_nibble(y.dtype)))
    rule = QuantRule::mge_division;
  step.quantiser = Quantiser::make(y.dtype, y.quant->scale(k), y.quant->zero_point(k), rule);
  if (x.quant && rule == QuantRule::mge) {
    step.factor = joint_factor(x, y, k);
    step.quantiser.factor = 1.0f;
  }
  return step;
}

ChannelRows convert_rows(const TensorType& x, const TensorType& y) {
  const Quant& varying = quant_of(x).is_per_tensor() ? quant_of(y) : quant_of(x);
  if (varying.is_per_tensor()) return ChannelRows::whole(x.shape);
  return ChannelRows::along(x.shape, static_cast<std::size_t>(varying.axis));
}

namespace {

constexpr std::int64_t kChunk = 256;
using Chunk = std::array<float, std::size_t{kChunk}>;

// Quantised integers are of 32 bits at most: of those, only s32 sums beyond 2^24 are rounded, and
// they have no zero point. (As a C cast from the integer to float does.)
template <typename X>
void read(const X* x, std::size_t count, const ConvertStep& step, Chunk& chunk) {
  for (std::size_t i = 0; i < count; ++i) chunk[i] = step.real(static_cast<float>(x[i]));
}

template <typename Y>
void write(const Chunk& chunk, std::size_t count, const ConvertStep& step, DType dtype, Y* y) {
  if constexpr (std::is_integral_v<Y>) {
    if (step.quantises) {
      for (std::size_t i = 0; i < count; ++i) y[i] = static_cast<Y>(step.quantiser(chunk[i]));
      return;
    }
  }
  for (std::size_t i = 0; i < count; ++i) y[i] = from_real<Y>(static_cast<double>(chunk[i]), dtype);
}

void convert_row(const ConstView& x, const View& y, std::int64_t offset, std::int64_t count,
                 const ConvertStep& step) {
  Chunk chunk;
  for (std::int64_t first = 0; first < count; first += kChunk) {
    const auto length = static_cast<std::size_t>(std::min(count - first, kChunk));
    with_storage(x.dtype(), [&]<typename X>(std::type_identity<X>) {
      read(x.as<X>() + offset + first, length, step, chunk);
    });
    with_storage(y.dtype(), [&]<typename Y>(std::type_identity<Y>) {
      write(chunk, length, step, y.dtype(), y.as<Y>() + offset + first);
    });
  }
}

void check_quantised(const TensorType& type, std::string_view name) {
  if (!type.quant) return;
  require_supported(is_integer(type.dtype) && size_of(type.dtype) <= 4 && type.dtype != DType::u32,
                    "converting ", name, " ", type, " is not supported");
  check(*type.quant, type.dtype, type.shape);
}

}  // namespace

void Convert::visit(AttributeVisitor& visitor) const {
  octet::visit(visitor, output);
  visitor.text("rule", to_string(rule));
}

std::vector<TensorType> Convert::infer(const InferArgs& args) const {
  require_inputs(args, 1, 1);
  const TensorType& x = args.types[0];
  const TensorType y{output.dtype, x.shape, kNCHW, output.quant};
  require(x.quant || y.quant, "neither ", x, " nor ", y, " is quantised: this is a cast");
  check_quantised(x, "from");
  check_quantised(y, "to");
  require_supported(y.quant || y.dtype != DType::boolean, "converting ", x,
                    " to boolean is not supported");
  require_supported(
      quant_of(x).is_per_tensor() || quant_of(y).is_per_tensor() || x.quant->axis == y.quant->axis,
      "scales that vary along axis ", quant_of(x).axis,
      " cannot become scales that vary along axis ", quant_of(y).axis);
  return {y};
}

void Convert::compute(std::span<const ConstView> inputs, std::span<const View> outputs) const {
  const ConstView& x = inputs[0];
  const View& y = outputs[0];
  const ChannelRows rows = convert_rows(*x.type, *y.type);
  for (std::int64_t k = 0; k < rows.channels; ++k) {
    const auto step = ConvertStep::make(*x.type, *y.type, rule, static_cast<std::size_t>(k));
    for (std::int64_t i = 0; i < rows.outer; ++i)
      convert_row(x, y, rows.offset(i, k), rows.inner, step);
  }
}

}  // namespace octet
