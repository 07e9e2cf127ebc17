#include "backends/cuda/conv/wgmma/plan.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "ops/conv.hpp"

namespace octet::cuda {
namespace {

bool is_byte(const TensorType& type) {
  return type.is_quantised() && (type.dtype == DType::s8 || type.dtype == DType::u8);
}

// A ReLU or clip in front of a quantising step only narrows the step's clamp.
bool folds(const Activation& activation) {
  return activation.kind == ActivationKind::none || activation.kind == ActivationKind::relu ||
         activation.kind == ActivationKind::clip;
}

WgmmaStep make_step(const Quantiser& quantiser, const Activation& activation) {
  WgmmaStep step{quantiser.factor, !quantiser.multiply, quantiser.zero_point,
                 static_cast<int>(quantiser.lowest), static_cast<int>(quantiser.highest)};
  if (activation.kind == ActivationKind::relu) step.lowest = quantiser(0.0f);
  if (activation.kind == ActivationKind::clip) {
    step.lowest = quantiser(activation.alpha);
    step.highest = quantiser(activation.beta);
  }
  return step;
}

bool is_plain_s8(DType dtype, const std::optional<Quant>& quant) {
  return dtype == DType::s8 && quant && quant->is_symmetric();
}

bool is_plain(const Problem& problem, const WgmmaForm& form) {
  const auto& op = *problem.as<Conv2d>();
  if (form.rule == WgmmaRule::onnx || form.x_unsigned ||
      op.activation.kind == ActivationKind::clip || !is_plain_s8(op.output.dtype, op.output.quant))
    return false;
  if (form.z == WgmmaZ::none) return true;
  const TensorType& z = problem.inputs[3];
  if (!is_plain_s8(z.dtype, z.quant)) return false;
  return form.z == WgmmaZ::once || (op.mid_activation.kind == ActivationKind::none &&
                                    is_plain_s8(op.mid.dtype, op.mid.quant));
}

Verdict check_map(const TensorType& type, const char* what) {
  if (!is_byte(type)) return Verdict::refuse(std::string(what) + " is not 8-bit quantised");
  // With whole groups of 16 channels NHWC4 is the same bytes as NHWC.
  if (!(type.layout == kNHWC) && !(type.layout == kNHWC4))
    return Verdict::refuse(std::string(what) + " is in " + to_string(type.layout));
  if (type.shape[1] % 16 != 0)
    return Verdict::refuse(std::string(what) + "'s channels are not a multiple of 16");
  return Verdict::accept();
}

Verdict check_window(const Problem& problem) {
  const Window2d& window = problem.as<Conv2d>()->window;
  const Shape& w = problem.inputs[1].shape;
  bool padded = false;
  for (std::size_t axis = 0; axis < 2; ++axis) {
    const std::int64_t reach = (w[axis + 2] - 1) * window.dilation[axis];
    if (window.stride[axis] > 8) return Verdict::refuse("the stride is above the copy engine's 8");
    if (reach > 255) return Verdict::refuse("the filter reaches over 255 rows or columns");
    if (window.pad[axis] > 128 || reach - window.pad[axis + 2] > 128 || window.pad[axis + 2] > 127)
      return Verdict::refuse("the padding is above the copy engine's 128");
    padded = padded || window.pad[axis] != 0 || window.pad[axis + 2] != 0;
  }
  if (padded && problem.inputs[0].quant->zero_point() != 0)
    return Verdict::refuse("the copy engine pads with 0, and the input's zero point is another");
  return Verdict::accept();
}

}  // namespace

std::optional<WgmmaForm> wgmma_form(const Problem& problem) {
  const auto& op = *problem.as<Conv2d>();
  if (!folds(op.activation)) return std::nullopt;
  WgmmaForm form{};
  form.x_unsigned = problem.inputs[0].dtype == DType::u8;
  switch (op.rule) {
    case EpilogueRule::mge_dense:
      // With a zero point there are an integer and a scaled bias; no kernel is compiled for both.
      if (problem.inputs[0].quant->zero_point() != 0) return std::nullopt;
      form.rule = WgmmaRule::scaled_bias;
      break;
    case EpilogueRule::mge_packed:
    case EpilogueRule::mge_ratio: form.rule = WgmmaRule::integer_bias; break;
    case EpilogueRule::mge_naive: return std::nullopt;  // divides by the scale
    case EpilogueRule::onnx: form.rule = WgmmaRule::onnx; break;
  }
  if (problem.has_input(3)) {
    if (op.z_rounding == ZRounding::twice && !folds(op.mid_activation)) return std::nullopt;
    // One way of rounding is compiled into a kernel: both steps of z must share it.
    const QuantRule wanted = op.rule == EpilogueRule::onnx ? QuantRule::onnx : QuantRule::mge;
    if (op.z_rounding == ZRounding::twice && op.z_rule != wanted) return std::nullopt;
    form.z = op.z_rounding == ZRounding::once ? WgmmaZ::once : WgmmaZ::twice;
  }
  form.plain = is_plain(problem, form);
  return form;
}

Verdict check_im2col_conv(const Problem& problem) {
  for (const auto& [type, what] :
       {std::pair{&problem.inputs[0], "the input"}, std::pair{&problem.outputs[0], "the output"}})
    if (const Verdict map = check_map(*type, what); !map) return map;
  if (problem.as<Conv2d>()->groups != 1) return Verdict::refuse("the convolution is grouped");
  if (const Verdict filter = check_symmetric_filter(problem); !filter) return filter;
  if (problem.has_input(2) && problem.constants[2] == nullptr)
    return Verdict::refuse("the bias is not a constant");
  if (problem.has_input(3))
    if (const Verdict z = check_map(problem.inputs[3], "z"); !z) return z;
  if (problem.outputs[0].shape[0] * problem.outputs[0].shape[2] * problem.outputs[0].shape[3] >
      (1 << 30))
    return Verdict::refuse("there are more than 2^30 output pixels");
  if (problem.outputs[0].shape[1] > 2048)
    return Verdict::refuse("the constants of over 2048 output channels do not fit on chip");
  if (!wgmma_form(problem))
    return Verdict::refuse("the epilogue (activation, z) is not one that is compiled");
  return check_window(problem);
}

int wgmma_k(int channels) {
  const auto padded = [&](int k) { return (channels + k - 1) / k * k; };
  return padded(128) > padded(64) ? 64 : 128;
}

std::vector<std::int8_t> pack_wgmma_filter(const Filter& filter, int tile_n, int tile_k) {
  const int n_tiles = (filter.k + tile_n - 1) / tile_n, blocks = (filter.c + tile_k - 1) / tile_k;
  const int taps = filter.r * filter.s, span = tile_k / 16;
  std::vector<std::int8_t> packed(static_cast<std::size_t>(n_tiles * taps) *
                                  static_cast<std::size_t>(blocks * tile_n * tile_k));
  for (int tile = 0; tile < n_tiles; ++tile)
    for (int row = 0; row < tile_n; ++row) {
      const int held = row / 8 * 2 + row % 2, quarter = row % 8 / 2;
      const int k = tile * tile_n + held / 16 * 64 + quarter * 16 + held % 16;
      if (k >= filter.k) continue;
      // The swizzle XORs the chunk with the row, counted in spans of 128 bytes.
      const int flip = row / (8 / span) % span;
      for (int tap = 0; tap < taps; ++tap)
        for (int c = 0; c < filter.c; ++c) {
          const int block = c / tile_k, chunk = c % tile_k / 16;
          const auto base = static_cast<std::size_t>((tile * taps + tap) * blocks + block) *
                            static_cast<std::size_t>(tile_n * tile_k);
          packed[base + static_cast<std::size_t>(row * tile_k + ((chunk ^ flip) << 4) + c % 16)] =
              filter.at(k, c, tap / filter.s, tap % filter.s);
        }
    }
  return packed;
}

WgmmaConvParams wgmma_params(const Problem& problem, const Epilogue& epilogue,
                             const WgmmaTile& tile) {
  const ConvGeometry g = conv_geometry(problem);
  WgmmaConvParams p{};
  p.pixels = g.n * g.oh * g.ow;
  p.oc = g.k;
  p.n_tiles = (g.k + tile.n - 1) / tile.n;
  p.c_blocks = (g.c + tile.k - 1) / tile.k;
  p.r = g.r;
  p.s = g.s;
  p.oh = g.oh;
  p.ow = g.ow;
  p.stride_h = g.stride_h;
  p.stride_w = g.stride_w;
  p.pad_top = g.pad_top;
  p.pad_left = g.pad_left;
  p.dilation_h = g.dilation_h;
  p.dilation_w = g.dilation_w;
  p.step = make_step(epilogue.quantiser, epilogue.activation);
  p.mid = make_step(epilogue.mid, epilogue.mid_activation);
  p.mid_scale = epilogue.mid_scale;
  p.mid_zero_point = epilogue.mid.zero_point;
  p.z_scale = epilogue.z_scale;
  p.z_zero_point = epilogue.z_zero_point;
  p.z_unsigned = problem.has_input(3) && problem.inputs[3].dtype == DType::u8;
  p.relu_mask = epilogue.activation.kind == ActivationKind::relu ? ~0u : 0u;
  return p;
}

std::vector<float> padded_scales(const Epilogue& epilogue, int padded_oc) {
  std::vector<float> scales = epilogue.m;
  scales.resize(static_cast<std::size_t>(padded_oc), 0.0f);
  return scales;
}

std::vector<std::int32_t> padded_biases(const Epilogue& epilogue, WgmmaRule rule, int padded_oc) {
  std::vector<std::int32_t> biases(static_cast<std::size_t>(padded_oc), 0);
  for (std::size_t k = 0; k < epilogue.m.size(); ++k) {
    // Adding -0.0f changes nothing, so a kernel that always adds is right without a bias too.
    const float scaled = epilogue.has_fbias ? epilogue.fbias[k] : -0.0f;
    biases[k] =
        rule == WgmmaRule::scaled_bias ? std::bit_cast<std::int32_t>(scaled) : epilogue.ibias[k];
  }
  return biases;
}

double estimate_im2col_conv(const Problem& problem, const WgmmaTile& tile, int multiprocessors) {
  // Per SM and microsecond at 1.75 GHz: products of s8 wgmma (about 90 % of 4096 a clock), bytes
  // from L2 and outputs through the exact epilogue.
  constexpr double kProducts = 6.4e6, kBytes = 4.5e4, kOutputs = 2.2e4;
  const Shape& w = problem.inputs[1].shape;
  const Shape& y = problem.outputs[0].shape;
  const double depth =
      static_cast<double>(w[2] * w[3]) * std::ceil(static_cast<double>(w[1]) / tile.k) * tile.k;
  const double tiles = std::ceil(static_cast<double>(y[0] * y[2] * y[3]) / tile.m) *
                       std::ceil(static_cast<double>(y[1]) / tile.n);
  const double products = tile.m * static_cast<double>(tile.n) * depth / kProducts;
  const double traffic = (tile.m + tile.n) * depth / kBytes;
  const double outputs = tile.m * static_cast<double>(tile.n) / kOutputs;
  const double rounds = std::ceil(tiles / multiprocessors);
  return 2.5 + rounds * std::max({products, traffic, outputs}) + outputs;
}

}  // namespace octet::cuda
