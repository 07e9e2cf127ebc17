#include "backends/cudnn/conv_plan.hpp"

#include <algorithm>
#include <cmath>

#include "backends/cuda/common/epilogue_upload.hpp"
#include "backends/cuda/conv/filter_pack.hpp"
#include "backends/cuda/conv/geometry.hpp"
#include "kernels/cost.hpp"
#include "ops/conv.hpp"
#include "ops/product.hpp"

namespace octet::cudnn {
namespace {

Verdict check_map(const TensorType& type, const char* what) {
  if (type.layout == kNCHW32)
    return Verdict::refuse(
        "cuDNN has only a naive kernel for NCHW32 (INT8x32) on Hopper: a second for ResNet18");
  if (!(type.layout == kNHWC) && !(type.layout == kNHWC4))
    return Verdict::refuse(std::string(what) + " is in " + to_string(type.layout));
  if (type.shape[1] % 4 != 0)
    return Verdict::refuse(std::string(what) + "'s channels are not a multiple of 4");
  return Verdict::accept();
}

bool is_plain_s8(DType dtype, const std::optional<Quant>& quant) {
  return dtype == DType::s8 && quant && quant->is_per_tensor() && quant->is_symmetric();
}

bool none_or_relu(const Activation& activation) {
  return activation.kind == ActivationKind::none || activation.kind == ActivationKind::relu;
}

}  // namespace

Verdict check_operands(const Problem& problem) {
  const auto& op = *problem.as<Conv2d>();
  const TensorType &x = problem.inputs[0], &y = problem.outputs[0];
  if (!x.is_quantised() || x.dtype != DType::s8) return Verdict::refuse("the input is not s8");
  for (const auto& [type, what] : {std::pair{&x, "the input"}, std::pair{&y, "the output"}})
    if (const Verdict map = check_map(*type, what); !map) return map;
  if (op.groups != 1) return Verdict::refuse("the convolution is grouped");
  if (const Verdict filter = cuda::check_symmetric_filter(problem); !filter) return filter;
  if (problem.has_input(2) && problem.constants[2] == nullptr)
    return Verdict::refuse("the bias is not a constant");
  if (problem.has_input(3)) {
    if (!is_quantised_byte(problem.inputs[3])) return Verdict::refuse("z is not an 8-bit value");
    if (const Verdict z = check_map(problem.inputs[3], "z"); !z) return z;
  }
  if (!is_quantised_byte(y)) return Verdict::refuse("the output is not 8-bit quantised");
  const auto& pad = op.window.pad;
  const bool padded = std::any_of(pad.begin(), pad.end(), [](std::int64_t p) { return p != 0; });
  if (padded && x.quant->zero_point() != 0)
    return Verdict::refuse("cuDNN pads with 0, and the input's zero point is another");
  return Verdict::accept();
}

Verdict check_epilogue(const Problem& problem) {
  const auto& op = *problem.as<Conv2d>();
  if (!is_plain_s8(op.output.dtype, op.output.quant))
    return Verdict::refuse("the output is not s8 with zero point 0");
  if (!none_or_relu(op.activation)) return Verdict::refuse("its epilogue knows only ReLU");
  if (!problem.has_input(3)) return Verdict::accept();
  if (!is_plain_s8(problem.inputs[3].dtype, problem.inputs[3].quant))
    return Verdict::refuse("z is not s8 with zero point 0");
  if (op.z_rounding == ZRounding::once) return Verdict::accept();
  // The rounding in between is left out; where its step is not above the last one's, that is within
  // one step.
  const bool within = op.mid_activation.kind == ActivationKind::none &&
                      is_plain_s8(op.mid.dtype, op.mid.quant) &&
                      op.mid.quant->scale() <= op.output.quant->scale();
  if (!within) return Verdict::refuse("it rounds once, which would be more than a step away");
  return Verdict::accept();
}

ConvSpec conv_spec(const Problem& problem) {
  const auto& op = *problem.as<Conv2d>();
  const cuda::ConvGeometry g = cuda::conv_geometry(problem);
  ConvSpec spec{};
  spec.n = g.n, spec.c = g.c, spec.h = g.h, spec.w = g.w;
  spec.k = g.k, spec.oh = g.oh, spec.ow = g.ow, spec.r = g.r, spec.s = g.s;
  spec.stride = op.window.stride;
  spec.dilation = op.window.dilation;
  spec.pad_before = {op.window.pad[0], op.window.pad[1]};
  spec.pad_after = {op.window.pad[2], op.window.pad[3]};
  spec.relu = op.activation.kind == ActivationKind::relu;
  spec.has_z = problem.has_input(3);
  return spec;
}

FusedConstants fused_constants(const Epilogue& epilogue) {
  const Quantiser& quantiser = epilogue.quantiser;
  const float to_steps = quantiser.multiply ? quantiser.factor : 1.0f / quantiser.factor;
  FusedConstants constants;
  for (std::size_t k = 0; k < epilogue.m.size(); ++k) {
    const float bias = static_cast<float>(epilogue.ibias[k]) * epilogue.m[k] +
                       (epilogue.has_fbias ? epilogue.fbias[k] : 0.0f);
    constants.scale.push_back(epilogue.m[k] * to_steps);
    constants.bias.push_back(bias * to_steps);
  }
  constants.z_scale = epilogue.z_scale * to_steps;
  return constants;
}

double estimate_conv(const Problem& problem, std::size_t rank) {
  // What cuDNN reached on one H200 for layers of ResNet: about half of the int8 peak and of the
  // bandwidth at best.
  const Cost cost = cost_of(problem);
  const double macs_us = static_cast<double>(cost.macs) / 0.45e9;
  const double bytes_us = static_cast<double>(cost.bytes) / 2.4e6;
  return (std::max(macs_us, bytes_us) + 4.0) * (1.0 + 0.05 * static_cast<double>(rank));
}

}  // namespace octet::cudnn
