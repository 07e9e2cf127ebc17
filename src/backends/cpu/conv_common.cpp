#include "backends/cpu/conv_common.hpp"

#include "base/format.hpp"

namespace octet::cpu {
namespace {

enum Operand : std::size_t { kX, kW, kBias, kZ };

Verdict check_layouts(const Problem& problem) {
  const TensorType& x = problem.inputs[kX];
  const TensorType& y = problem.outputs[0];
  if (!(x.layout == kNHWC))
    return Verdict::refuse(concat("x is ", to_string(x.layout), ", not NHWC"));
  if (!(y.layout == kNHWC))
    return Verdict::refuse(concat("y is ", to_string(y.layout), ", not NHWC"));
  if (problem.has_input(kZ) && !(problem.inputs[kZ].layout == kNHWC))
    return Verdict::refuse(concat("z is ", to_string(problem.inputs[kZ].layout), ", not NHWC"));
  return Verdict::accept();
}

}  // namespace

Verdict check_conv(const Problem& problem) {
  const TensorType& x = problem.inputs[kX];
  if ((x.dtype != DType::s8 && x.dtype != DType::u8) || !x.is_quantised())
    return Verdict::refuse(concat("x is ", to_string(x.dtype), ", not quantised s8 or u8"));
  if (!x.quant->is_per_tensor()) return Verdict::refuse("x has a scale per channel");
  if (problem.constants[kW] == nullptr) return Verdict::refuse("the weights are not constant");
  if (problem.has_input(kBias) && problem.constants[kBias] == nullptr)
    return Verdict::refuse("the bias is not constant");
  const Verdict types = check_epilogue_types(problem.outputs[0],
                                             problem.has_input(kZ) ? &problem.inputs[kZ] : nullptr);
  if (!types) return types;
  const auto& op = *problem.as<Conv2d>();
  if (op.z_rounding == ZRounding::twice && op.mid.dtype != DType::s8 && op.mid.dtype != DType::u8)
    return Verdict::refuse("the result before z is added is not s8 or u8");
  const Verdict layouts = check_layouts(problem);
  return layouts ? check_signed_bytes(*problem.constants[kW]) : layouts;
}

PackedEpilogue conv_epilogue(const Problem& problem, std::span<const std::int32_t> sums,
                             int shift) {
  const auto& op = *problem.as<Conv2d>();
  const TensorType& x = problem.inputs[kX];
  const TensorType& w = problem.inputs[kW];
  std::optional<ConstView> bias;
  if (problem.has_input(kBias)) bias.emplace(*problem.constants[kBias]);
  const TensorType* z = problem.has_input(kZ) ? &problem.inputs[kZ] : nullptr;
  const std::span<const std::int32_t> zero_point_sums =
      x.quant->is_symmetric() ? std::span<const std::int32_t>{} : sums;
  Epilogue epilogue =
      make_epilogue(op, problem.outputs[0].shape[1], *x.quant, w.quant.value_or(Quant{}),
                    bias ? &*bias : nullptr, z == nullptr ? nullptr : &*z->quant, zero_point_sums);
  return pack_shifted_epilogue(std::move(epilogue), problem.outputs[0], z, sums, shift);
}

}  // namespace octet::cpu
