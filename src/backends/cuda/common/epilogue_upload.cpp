#include "backends/cuda/common/epilogue_upload.hpp"

#include <octet/status.hpp>

#include "backends/cuda/common/exact_divide.hpp"

namespace octet::cuda {

bool same_bits_on_device(const Activation& activation) {
  return activation.kind != ActivationKind::sigmoid && activation.kind != ActivationKind::silu &&
         activation.kind != ActivationKind::tanh;
}

ActivationParams to_params(const Activation& activation) {
  ActivationParams params;
  switch (activation.kind) {
    case ActivationKind::none: params.kind = ActivationParams::kNone; break;
    case ActivationKind::relu: params.kind = ActivationParams::kRelu; break;
    case ActivationKind::clip: params.kind = ActivationParams::kClip; break;
    case ActivationKind::h_swish: params.kind = ActivationParams::kHSwish; break;
    case ActivationKind::sigmoid: params.kind = ActivationParams::kSigmoid; break;
    case ActivationKind::silu: params.kind = ActivationParams::kSilu; break;
    case ActivationKind::leaky_relu: params.kind = ActivationParams::kLeakyRelu; break;
    case ActivationKind::tanh: params.kind = ActivationParams::kTanh; break;
  }
  params.alpha = activation.alpha;
  params.beta = activation.beta;
  return params;
}

float reciprocal_of(const Quantiser& quantiser) {
  const auto zero_point = static_cast<float>(quantiser.zero_point);
  return exact_reciprocal(quantiser.factor, quantiser.lowest - zero_point,
                          quantiser.highest - zero_point);
}

QuantiserParams to_params(const Quantiser& quantiser) {
  QuantiserParams params;
  params.factor = quantiser.factor;
  params.multiply = quantiser.multiply;
  if (!quantiser.multiply) params.reciprocal = reciprocal_of(quantiser);
  switch (quantiser.rounding) {
    case Rounding::away: params.rounding = QuantiserParams::kAway; break;
    case Rounding::even: params.rounding = QuantiserParams::kEven; break;
    case Rounding::away_exactly: params.rounding = QuantiserParams::kAwayExactly; break;
    case Rounding::towards_zero:
      throw Error(StatusCode::internal, "no quantising step cuts its values");
  }
  params.lowest = quantiser.lowest;
  params.highest = quantiser.highest;
  params.zero_point = static_cast<float>(quantiser.zero_point);
  return params;
}

namespace {

template <typename T>
std::vector<T> padded(std::vector<T> values, T fill = {}) {
  values.resize((values.size() + kPaddedChannels - 1) / kPaddedChannels * kPaddedChannels, fill);
  return values;
}

bool is_plain_step(const Quantiser& q) {
  return q.multiply && q.rounding == Rounding::away && q.lowest == -128.0f && q.highest == 127.0f &&
         q.zero_point == 0;
}

}  // namespace

bool is_plain(const Epilogue& e) {
  if (e.float_output || e.sum_output || !is_plain_step(e.quantiser)) return false;
  if (e.activation.kind != ActivationKind::none && e.activation.kind != ActivationKind::relu)
    return false;
  if (!e.has_z) return true;
  // An s8 z has the zero point 0 or not; a u8 one with zero point 0 is told apart by the kernel.
  if (e.z_zero_point != 0) return false;
  return e.z_rounding == ZRounding::once ||
         (e.mid_activation.kind == ActivationKind::none && is_plain_step(e.mid));
}

DeviceEpilogue::DeviceEpilogue(const Epilogue& epilogue)
    : ibias_(padded(epilogue.ibias)),
      m_(padded(epilogue.m)),
      fbias_(padded(epilogue.has_fbias ? epilogue.fbias
                                       : std::vector<float>(epilogue.m.size(), -0.0f))) {
  params_.ibias = ibias_.as<std::int32_t>();
  params_.m = m_.as<float>();
  params_.fbias = fbias_.as<float>();
  params_.plain = is_plain(epilogue);
  params_.relu_mask = epilogue.activation.kind == ActivationKind::relu ? ~0u : 0u;
  params_.activation = to_params(epilogue.activation);
  params_.quantiser = to_params(epilogue.quantiser);
  params_.float_output = epilogue.float_output;
  if (epilogue.has_z)
    params_.z_mode =
        epilogue.z_rounding == ZRounding::once ? EpilogueParams::kOnce : EpilogueParams::kTwice;
  params_.z_scale = epilogue.z_scale;
  params_.z_zero_point = epilogue.z_zero_point;
  params_.mid_activation = to_params(epilogue.mid_activation);
  params_.mid = to_params(epilogue.mid);
  params_.mid_scale = epilogue.mid_scale;
}

Epilogue conv_epilogue(const Problem& problem, std::span<const std::int32_t> zero_point_sums) {
  const auto& op = *problem.as<Conv2d>();
  std::optional<ConstView> bias;
  if (problem.has_input(2)) bias.emplace(*problem.constants[2]);
  return make_epilogue(op, problem.outputs[0].shape[1], *problem.inputs[0].quant,
                       *problem.inputs[1].quant, bias ? &*bias : nullptr,
                       problem.has_input(3) ? &*problem.inputs[3].quant : nullptr, zero_point_sums);
}

}  // namespace octet::cuda
