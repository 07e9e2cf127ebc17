// Operators on maps: pooling, resampling and normalisations.
#include "formats/mge/raise.hpp"
#include "ops/image.hpp"
#include "ops/norm.hpp"
#include "ops/pool.hpp"

namespace octet::mge {
namespace {

fbs::PoolingMode mode_of(PoolMode mode) {
  switch (mode) {
    case PoolMode::max: return fbs::PoolingMode::MAXIMUM;
    case PoolMode::average: return fbs::PoolingMode::AVERAGE;
    case PoolMode::average_exclude_padding: break;
  }
  return fbs::PoolingMode::AVERAGE_COUNT_EXCLUDE_PADDING;
}

std::vector<Var> raise_pool(NodeWriter& writer) {
  const auto& op = writer.op<Pool2d>();
  const TensorType& x = writer.type(0);
  const bool averages_integers = op.mode != PoolMode::max && !is_float(x.dtype);
  require_form(!averages_integers || op.rule == QuantRule::mge,
               "MegEngine averages integers not by the rule ", to_string(op.rule));
  require_form(!op.output || *op.output == OutputSpec{x.dtype, x.quant},
               "MegEngine pools into the type of the input only");
  const auto& pad = op.window.pad;
  require_form(op.global || (pad[0] == pad[2] && pad[1] == pad[3] && !op.ceil_mode &&
                             op.window.dilation == std::array<std::int64_t, 2>{1, 1}),
               "MegEngine pools with equal pads on both sides, without holes and rounds the "
               "number of windows down");
  fbs::PoolingT p;
  p.mode = mode_of(op.mode);
  p.window_h = static_cast<std::uint32_t>(op.global ? x.shape[2] : op.kernel[0]);
  p.window_w = static_cast<std::uint32_t>(op.global ? x.shape[3] : op.kernel[1]);
  p.stride_h = static_cast<std::uint32_t>(op.global ? 1 : op.window.stride[0]);
  p.stride_w = static_cast<std::uint32_t>(op.global ? 1 : op.window.stride[1]);
  p.pad_h = static_cast<std::uint32_t>(op.global ? 0 : pad[0]);
  p.pad_w = static_cast<std::uint32_t>(op.global ? 0 : pad[1]);
  return {writer.add("PoolingV1", {param_of(p)}, {writer.input(0)})};
}

std::vector<Var> raise_adaptive_pool(NodeWriter& writer) {
  fbs::AdaptivePoolingT p;
  p.mode = mode_of(writer.op<AdaptivePool2d>().mode);
  return {writer.add("AdaptivePoolingV1", {param_of(p)}, {writer.input(0), writer.input(1)})};
}

fbs::InterpolationMode interpolation_of(Interpolation interpolation) {
  switch (interpolation) {
    case Interpolation::nearest: return fbs::InterpolationMode::NEAREST;
    case Interpolation::linear: return fbs::InterpolationMode::LINEAR;
    case Interpolation::cubic: break;
  }
  return fbs::InterpolationMode::CUBIC;
}

fbs::BorderMode border_of(BorderMode border) {
  switch (border) {
    case BorderMode::replicate: return fbs::BorderMode::REPLICATE;
    case BorderMode::reflect: return fbs::BorderMode::REFLECT;
    case BorderMode::reflect_101: return fbs::BorderMode::REFLECT_101;
    case BorderMode::wrap: return fbs::BorderMode::WRAP;
    case BorderMode::constant: break;
  }
  return fbs::BorderMode::CONSTANT;
}

std::vector<Var> raise_resize(NodeWriter& writer) {
  const auto& op = writer.op<Resize>();
  require_form(op.mge && op.spatial_only && writer.has_input(2),
               "MegEngine resizes height and width to a given size and by its own rules only");
  fbs::ResizeT p;
  p.imode = interpolation_of(op.interpolation);
  p.format = static_cast<std::uint32_t>(fbs::ConvFormat::NCHW);
  return {writer.add("ResizeV2", {param_of(p)}, {writer.input(0), writer.input(2)})};
}

std::vector<Var> raise_warp_perspective(NodeWriter& writer) {
  const auto& op = writer.op<WarpPerspective>();
  fbs::WarpPerspectiveT p;
  p.imode = interpolation_of(op.interpolation);
  p.bmode = border_of(op.border);
  p.border_val = op.border_value;
  return {writer.add("WarpPerspectiveV2", {param_of(p)}, writer.inputs())};
}

// BatchNorm's outputs are two statistics, a reserve and y.
std::vector<Var> raise_batch_norm(NodeWriter& writer) {
  const Shape& x = writer.type(0).shape;
  require_form(x.rank() == 4, "MegEngine normalises batches of maps");
  fbs::BNT p;
  p.param_dim = fbs::BNParamDim::DIM_1C11;
  p.fwd_mode = fbs::BNFwdMode::INFERENCE;
  p.epsilon = writer.op<BatchNorm>().epsilon;
  std::vector<Var> inputs{writer.input(0)};
  for (std::size_t i = 1; i < 5; ++i) inputs.push_back(writer.reshaped_input(i, {1, x[1], 1, 1}));
  return {writer.add_all("BatchNormV1", {param_of(p)}, std::move(inputs), 4).back()};
}

std::vector<Var> raise_layer_norm(NodeWriter& writer) {
  const auto& op = writer.op<LayerNorm>();
  require_form(!op.keep_dims, "MegEngine's LayerNorm drops the normalised axes of its statistics");
  const Shape& x = writer.type(0).shape;
  std::int64_t size = 1;
  for (std::size_t i = x.rank() - static_cast<std::size_t>(op.axes); i < x.rank(); ++i)
    size *= x[i];
  fbs::LayerNormT p;
  p.affine = writer.input_count() == 3;
  p.eps = static_cast<float>(op.epsilon);
  p.normalized_dim = static_cast<std::uint64_t>(op.axes);
  p.normalized_size = static_cast<std::uint64_t>(size);
  require_form(static_cast<double>(p.eps) == op.epsilon, "MegEngine's epsilon is a Float32");
  return writer.add_all("LayerNorm", {param_of(p)}, writer.inputs(), 3);
}

std::vector<Var> raise_lrn(NodeWriter& writer) {
  const auto& op = writer.op<LocalResponseNorm>();
  const auto size = static_cast<float>(op.size);
  fbs::LRNT p;
  p.n = static_cast<std::uint32_t>(op.size);
  p.k = op.bias;
  p.alpha = op.alpha / size;
  p.beta = op.beta;
  require_form(p.alpha * size == op.alpha, "alpha is no product of a Float32 and the size");
  return {writer.add("LRN", {param_of(p)}, {writer.input(0)})};
}

constexpr RaiseRow kRows[] = {
    {Pool2d::kKind, raise_pool},           {AdaptivePool2d::kKind, raise_adaptive_pool},
    {Resize::kKind, raise_resize},         {WarpPerspective::kKind, raise_warp_perspective},
    {BatchNorm::kKind, raise_batch_norm},  {LayerNorm::kKind, raise_layer_norm},
    {LocalResponseNorm::kKind, raise_lrn},
};

}  // namespace

std::span<const RaiseRow> raise_map_rows() { return kRows; }

}  // namespace octet::mge
