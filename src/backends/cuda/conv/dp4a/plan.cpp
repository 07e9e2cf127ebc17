#include "backends/cuda/conv/dp4a/plan.hpp"

#include <algorithm>

#include "backends/cuda/common/layouts.hpp"
#include "backends/cuda/conv/filter_pack.hpp"
#include "backends/cuda/conv/operand_checks.hpp"
#include "ops/conv.hpp"
#include "ops/product.hpp"

namespace octet::cuda {
namespace {

Verdict check_filter(const Problem& problem) {
  const TensorType& w = problem.inputs[1];
  if (problem.as<Conv2d>() != nullptr) return check_symmetric_filter(problem);
  if (!is_quantised_byte(w)) return Verdict::refuse("the filter is not 8-bit quantised");
  if (!w.quant->is_per_tensor() || w.quant->zero_point() != (w.dtype == DType::u8 ? 128 : 0))
    return Verdict::refuse("the filter's zero point is not the middle of its range");
  return Verdict::accept();
}

// Groups of four input channels that the widest quad of output channels reads.
int words_of(const ConvGeometry& g) {
  const int inputs = g.c / g.groups, outputs = g.k / g.groups;
  int most = 1;
  for (int k = 0; k < g.k; k += 4) {
    const int first = k / outputs * inputs / 4;
    const int last = (std::min(k + 3, g.k - 1) / outputs * inputs + inputs - 1) / 4;
    most = std::max(most, last - first + 1);
  }
  return most;
}

}  // namespace

Verdict check_dp4a(const Problem& problem) {
  const TensorType& x = problem.inputs[0];
  const TensorType& y = problem.outputs[0];
  if (!is_quantised_byte(x)) return Verdict::refuse("the input is not 8-bit quantised");
  if (const Verdict filter = check_filter(problem); !filter) return filter;
  if (!fours_side_by_side(x) || !fours_side_by_side(y))
    return Verdict::refuse("a value has fewer than 4 channels side by side");
  if (!(x.layout == y.layout)) return Verdict::refuse("input and output differ in layout");
  if (y.dtype != DType::s8 && y.dtype != DType::u8 && y.dtype != DType::s32 &&
      y.dtype != DType::f32)
    return Verdict::refuse("the output is neither 8-bit, s32 nor f32");
  if (const Verdict operands = check_conv_operands(problem, as_conv2d(problem)); !operands)
    return operands;
  return check_element_counts(problem);
}

Dp4aParams dp4a_params(const Problem& problem) {
  const TensorType& x = problem.inputs[0];
  const TensorType& y = problem.outputs[0];
  const bool per_image = problem.as<BatchConv2d>() != nullptr;
  const bool per_position = problem.as<GroupLocal>() != nullptr;
  const bool images_inside = y.layout == kCHWN4;
  const ConvGeometry g = conv_geometry(problem);
  Dp4aParams p{};
  p.g = g;
  p.images_first = images_inside;
  p.along = per_position || (images_inside && !per_image && g.n >= kDp4aPixels)
                ? Dp4aParams::kImages
                : Dp4aParams::kColumns;
  p.vector_images = images_inside && p.along == Dp4aParams::kImages && g.n % kDp4aPixels == 0;
  const int vector = y.layout.vector;
  p.quads = ((g.k + vector - 1) / vector * vector + 3) / 4;
  p.quads_inside = y.layout == kNHWC || y.layout == kNHWC4 ? p.quads : vector / 4;
  p.words = words_of(g);
  p.x = strides_of(x);
  p.y = strides_of(y);
  const int zero_point = x.quant->zero_point();
  p.pad_word = static_cast<int>(static_cast<unsigned>(zero_point & 0xff) * 0x01010101u);
  p.x_unsigned = x.dtype == DType::u8;
  p.z_unsigned = problem.has_input(3) && problem.inputs[3].dtype == DType::u8;
  p.sum_output = y.dtype == DType::s32;
  p.subtract_zero_point = per_image || per_position ? zero_point : 0;

  // Neighbouring threads read neighbouring 16 bytes: quads, or images with filters of their own.
  const int images = per_image && images_inside ? g.n : 1;
  p.quad_step = images;
  p.word_step = p.quads * images;
  p.tap_step = p.words * p.word_step;
  const long long whole = static_cast<long long>(g.r) * g.s * p.tap_step;
  if (per_image) p.image_step = images_inside ? 1 : whole;
  if (per_position) p.position_step = whole;
  return p;
}

Dp4aPackParams dp4a_pack_params(const Problem& problem, const Dp4aParams& params) {
  const ConvGeometry& g = params.g;
  const long long taps = static_cast<long long>(g.r) * g.s, inputs = g.c / g.groups,
                  outputs = g.k / g.groups;
  Dp4aPackParams p{};
  p.g = g;
  p.outer = 1;
  p.words = params.words;
  p.quads = params.quads;
  p.tap_step = 1;
  p.c_step = taps;
  p.k_step = inputs * taps;
  p.group_step = outputs * p.k_step;
  if (problem.as<BatchConv2d>() != nullptr) {
    p.outer = g.n;
    p.outer_step = g.k * p.k_step;
    p.to_outer_step = params.image_step;
  }
  if (problem.as<GroupLocal>() != nullptr) {  // {G,OH,OW,C/G,R,S,K/G}
    p.outer = g.oh * g.ow;
    p.k_step = 1;
    p.tap_step = outputs;
    p.c_step = taps * outputs;
    p.outer_step = inputs * p.c_step;
    p.group_step = p.outer * p.outer_step;
    p.to_outer_step = params.position_step;
  }
  p.to_tap_step = params.tap_step;
  p.to_word_step = params.word_step;
  p.to_quad_step = params.quad_step;
  p.flip_signs = problem.inputs[1].dtype == DType::u8 ? 0x80u : 0;
  return p;
}

std::size_t packed_filter_bytes(const Dp4aPackParams& p) {
  return static_cast<std::size_t>(p.outer) * static_cast<std::size_t>(p.g.r * p.g.s) *
         static_cast<std::size_t>(p.words) * static_cast<std::size_t>(p.quads) * 16;
}

Epilogue dp4a_epilogue(const Problem& problem) {
  std::vector<std::int32_t> sums;
  if (problem.as<Conv2d>() != nullptr) sums = read_filter(problem).sums();
  std::optional<ConstView> bias;
  if (problem.has_input(2)) bias.emplace(*problem.constants[2]);
  return make_epilogue(as_conv2d(problem), problem.outputs[0].shape[1], *problem.inputs[0].quant,
                       *problem.inputs[1].quant, bias ? &*bias : nullptr,
                       problem.has_input(3) ? &*problem.inputs[3].quant : nullptr, sums);
}

double estimate_dp4a(const Problem& problem, int multiprocessors) {
  // Issue slots of a thread: 16 dp4a at half rate and their loads per word, bounds and addresses
  // per tap, its place and the epilogue. Slots and bytes per microsecond, slots per SM. With few
  // threads nothing hides how long each waits for its next words.
  constexpr double kSlots = 128.0 * 1750.0 * 0.4, kBytes = 3.0e6, kWait = 0.32;
  const Dp4aParams p = dp4a_params(problem);
  const double threads = static_cast<double>(p.quads) * p.g.oh * p.g.ow * p.g.n / kDp4aPixels;
  const double slots = threads * (200.0 + p.g.r * p.g.s * (35.0 + 41.0 * p.words));
  const double bytes =
      static_cast<double>(problem.inputs[0].bytes() + problem.inputs[1].bytes() +
                          problem.outputs[0].bytes() * (problem.has_input(3) ? 2 : 1));
  const double waits = kWait * p.g.r * p.g.s * p.words;
  return 3.0 + std::max({slots / (kSlots * multiprocessors), bytes / kBytes, waits});
}

}  // namespace octet::cuda
