// Convolutions. MegEngine's CPU chooses how it rounds by the form of the operator, so a node can
// be written only where that choice is the node's own rule.
#include "formats/mge/conv_rule.hpp"
#include "formats/mge/raise.hpp"
#include "ops/conv.hpp"

namespace octet::mge {
namespace {

template <typename P>
void set_window(P& p, const Window2d& window) {
  const auto& pad = window.pad;
  require_form(pad[0] == pad[2] && pad[1] == pad[3],
               "MegEngine pads both sides of an axis alike; this window has pads ", pad[0], ", ",
               pad[1], ", ", pad[2], ", ", pad[3]);
  p.pad_h = static_cast<std::uint32_t>(pad[0]);
  p.pad_w = static_cast<std::uint32_t>(pad[1]);
  p.stride_h = static_cast<std::uint32_t>(window.stride[0]);
  p.stride_w = static_cast<std::uint32_t>(window.stride[1]);
  p.dilate_h = static_cast<std::uint32_t>(window.dilation[0]);
  p.dilate_w = static_cast<std::uint32_t>(window.dilation[1]);
}

fbs::ConvMode mode_of(bool flip_filter) {
  return flip_filter ? fbs::ConvMode::CONVOLUTION : fbs::ConvMode::CROSS_CORRELATION;
}

fbs::ConvSparse sparse_of(std::int64_t groups) {
  return groups == 1 ? fbs::ConvSparse::DENSE : fbs::ConvSparse::GROUP;
}

fbs::NonlineMode nonline_of(const Activation& activation) {
  switch (activation.kind) {
    case ActivationKind::none: return fbs::NonlineMode::IDENTITY;
    case ActivationKind::relu: return fbs::NonlineMode::RELU;
    case ActivationKind::sigmoid: return fbs::NonlineMode::SIGMOID;
    case ActivationKind::h_swish: return fbs::NonlineMode::H_SWISH;
    default:
      unsupported(concat("no convolution of MegEngine ends with ", to_string(activation.kind)));
  }
}

// The type that the file must state: none where it follows from floats.
std::optional<OutputSpec> stated(const OutputSpec& output, const TensorType& x) {
  if (is_float(x.dtype)) return std::nullopt;
  require_form(!is_float(output.dtype), "a convolution of ", x.to_string(), " with the output ",
               to_string(output));
  return output;
}

// {K,C/G,R,S} as the file has it: {G,K/G,C/G,R,S} for groups.
Var filter(NodeWriter& writer, std::int64_t groups) {
  const Shape s = writer.type(1).shape;
  if (groups == 1) return writer.input(1);
  return writer.reshaped_input(1, {groups, s[0] / groups, s[1], s[2], s[3]});
}

Var bias(NodeWriter& writer, std::int64_t channels) {
  return writer.reshaped_input(2, {1, channels, 1, 1});
}

std::vector<Var> raise_conv2d(NodeWriter& writer) {
  const auto& op = writer.op<Conv2d>();
  const TensorType& x = writer.type(0);
  const Shape& taps = writer.type(1).shape;
  const bool has_z = writer.has_input(3), has_bias = writer.has_input(2);
  const bool quantised = !is_float(x.dtype);
  require_form(!has_z || op.z_rounding == ZRounding::once,
               "a convolution that rounds before an addition is two operators in MegEngine");
  require_form(!quantised || op.rule == conv_rule(op, x, taps, has_z),
               "MegEngine rounds a convolution of this form not by the rule ", to_string(op.rule));

  const auto policy = param_of(fbs::ExecutionPolicyT());
  if (!has_bias && !has_z && op.activation.kind == ActivationKind::none) {
    fbs::ConvolutionT p;
    set_window(p, op.window);
    p.mode = mode_of(op.flip_filter);
    p.sparse = sparse_of(op.groups);
    return {writer.add("ConvolutionV2", {param_of(p), policy},
                       {writer.input(0), filter(writer, op.groups)}, stated(op.output, x))};
  }
  require_form(has_bias || !has_z, "a convolution with z but without a bias");
  fbs::ConvBiasT p;
  set_window(p, op.window);
  p.mode = mode_of(op.flip_filter);
  p.sparse = sparse_of(op.groups);
  p.nonline_mode = nonline_of(op.activation);
  std::vector<Var> inputs{writer.input(0), filter(writer, op.groups)};
  if (has_bias) inputs.push_back(bias(writer, taps[0]));
  if (has_z) inputs.push_back(writer.input(3));
  return {writer.add("ConvBiasForwardV4", {param_of(p), policy}, std::move(inputs),
                     stated(op.output, x))};
}

std::vector<Var> raise_transpose(NodeWriter& writer) {
  const auto& op = writer.op<ConvTranspose2d>();
  const TensorType& x = writer.type(0);
  require_form(!writer.has_input(2) && op.activation.kind == ActivationKind::none,
               "MegEngine has no transposed convolution with a bias or an activation");
  require_form(is_float(x.dtype) || op.rule == EpilogueRule::mge_ratio,
               "MegEngine rounds a transposed convolution not by the rule ", to_string(op.rule));
  fbs::ConvolutionT p;
  set_window(p, op.window);
  p.sparse = sparse_of(op.groups);
  const Shape s = writer.type(1).shape;
  std::vector<Var> inputs{
      op.groups == 1 ? writer.input(1)
                     : writer.reshaped_input(1, {op.groups, s[0] / op.groups, s[1], s[2], s[3]}),
      writer.input(0)};
  if (op.output_padding != std::array<std::int64_t, 2>{0, 0})
    inputs.push_back(writer.integers(writer.output_type().shape.extents()));
  return {writer.add("ConvolutionBackwardDataV2", {param_of(p), param_of(fbs::ExecutionPolicyT())},
                     std::move(inputs), stated(op.output, x))};
}

std::vector<Var> raise_batch_conv(NodeWriter& writer) {
  const auto& op = writer.op<BatchConv2d>();
  const TensorType& x = writer.type(0);
  require_form(is_float(x.dtype) || op.rule == EpilogueRule::mge_naive,
               "MegEngine rounds a convolution per image not by the rule ", to_string(op.rule));
  const Shape s = writer.type(1).shape;
  fbs::BatchConvBiasT p;
  set_window(p, op.window);
  p.nonline_mode = nonline_of(op.activation);
  p.sparse = sparse_of(op.groups);
  std::vector<Var> inputs{
      writer.input(0), op.groups == 1 ? writer.input(1)
                                      : writer.reshaped_input(1, {s[0], op.groups, s[1] / op.groups,
                                                                  s[2], s[3], s[4]})};
  require_form(writer.has_input(2), "MegEngine's convolution per image always has a bias");
  inputs.push_back(bias(writer, s[1]));
  if (writer.has_input(3)) inputs.push_back(writer.input(3));
  return {writer.add("BatchConvBiasForwardV1", {param_of(p), param_of(fbs::ExecutionPolicyT())},
                     std::move(inputs), stated(op.output, x))};
}

std::vector<Var> raise_group_local(NodeWriter& writer) {
  const auto& op = writer.op<GroupLocal>();
  require_form(is_float(writer.type(0).dtype) || op.rule == EpilogueRule::mge_ratio,
               "MegEngine rounds a local convolution not by the rule ", to_string(op.rule));
  fbs::ConvolutionT p;
  set_window(p, op.window);
  p.mode = mode_of(op.flip_filter);
  return {writer.add("GroupLocalV2", {param_of(p)}, {writer.input(0), writer.input(1)},
                     stated(op.output, writer.type(0)))};
}

std::vector<Var> raise_local_share(NodeWriter& writer) {
  const auto& op = writer.op<LocalShare>();
  const Shape s = writer.type(1).shape;
  fbs::LocalShareT p;
  set_window(p, op.window);
  p.mode = mode_of(op.flip_filter);
  p.sparse = sparse_of(s[0]);
  p.spatial_groups_h = static_cast<std::uint32_t>(s[1]);
  p.spatial_groups_w = static_cast<std::uint32_t>(s[2]);
  const Var weights =
      s[0] == 1 ? writer.reshaped_input(1, {s[1], s[2], s[3], s[4], s[5], s[6]}) : writer.input(1);
  return {writer.add("LocalShareForwardV1", {param_of(p), param_of(fbs::ExecutionPolicyT())},
                     {writer.input(0), weights})};
}

constexpr RaiseRow kRows[] = {
    {Conv2d::kKind, raise_conv2d},          {ConvTranspose2d::kKind, raise_transpose},
    {BatchConv2d::kKind, raise_batch_conv}, {GroupLocal::kKind, raise_group_local},
    {LocalShare::kKind, raise_local_share},
};

}  // namespace

std::span<const RaiseRow> raise_conv_rows() { return kRows; }

}  // namespace octet::mge
