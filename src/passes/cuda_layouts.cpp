#include "passes/cuda_layouts.hpp"

#include <algorithm>
#include <array>

#include "ops/conv.hpp"
#include "ops/convert.hpp"
#include "ops/elementwise.hpp"
#include "ops/pool.hpp"
#include "ops/product.hpp"

namespace octet {
namespace {

bool is_quantised_conv(const Graph& graph, const Node& node) {
  return node.as<Conv2d>() != nullptr && is_quantised_byte(graph.type(node.inputs[0])) &&
         graph.value(node.inputs[1]).is_constant();
}

bool follows(const Graph& graph, const Node& node) {
  if (node.as<Pool2d>() != nullptr || node.as<AdaptivePool2d>() != nullptr) return true;
  if (node.as<Elementwise>() == nullptr && node.as<Convert>() == nullptr) return false;
  // Operands that are broadcast are walked in the default layout only.
  const Shape& shape = graph.type(node.outputs[0]).shape;
  return std::all_of(node.inputs.begin(), node.inputs.end(),
                     [&](ValueId id) { return graph.type(id).shape == shape; });
}

bool converts(const Graph& graph, const Node& node) {
  return node.as<Convert>() != nullptr && graph.type(node.inputs[0]).dtype == DType::f32 &&
         graph.type(node.inputs[0]).shape.rank() == 4;
}

struct ConvChannels {
  std::int64_t in, out, groups;
};

ConvChannels channels_of(const Graph& graph, const Node& node) {
  return {graph.type(node.inputs[0]).shape[1], graph.type(node.outputs[0]).shape[1],
          node.as<Conv2d>()->groups};
}

// MegEngine's NCHW4 pass takes dense convolutions, few input channels being padded to 4. Grouped
// ones, which it leaves in NCHW, have kernels of ours.
bool fits_nchw4(const Graph& graph, const Node& node) {
  const ConvChannels channels = channels_of(graph, node);
  if (channels.groups != 1) return true;
  return channels.out % 4 == 0 && (channels.in % 4 == 0 || channels.in < 4);
}

bool fits_nchw32(const Graph& graph, const Node& node) {
  const ConvChannels channels = channels_of(graph, node);
  const Shape& x = graph.type(node.inputs[0]).shape;
  return is_quantised_byte(graph.type(node.outputs[0])) && channels.in % 32 == 0 &&
         channels.out % 32 == 0 && x[2] >= 3 && x[3] >= 3;
}

bool fits_chwn4(const Graph& graph, const Node& node) {
  return is_quantised_byte(graph.type(node.outputs[0])) && fits_nchw4(graph, node);
}

// BatchConv and Local of bytes, with what their kernels ask for.
bool has_own_filters(const Graph& graph, const Node& node) {
  if (node.as<BatchConv2d>() == nullptr && node.as<GroupLocal>() == nullptr) return false;
  const TensorType& w = graph.type(node.inputs[1]);
  if (!is_quantised_byte(graph.type(node.inputs[0])) || !is_quantised_byte(w) ||
      !w.quant->is_per_tensor())
    return false;
  if (w.quant->zero_point() != (w.dtype == DType::u8 ? 128 : 0)) return false;
  const bool has_bias = node.inputs.size() > 2 && node.inputs[2] != kNoValue;
  return !has_bias || graph.value(node.inputs[2]).is_constant();
}

bool has_z(const Node& node) { return node.inputs.size() > 3 && node.inputs[3] != kNoValue; }

using Fits = bool (*)(const Graph&, const Node&);

// `layout` where `fits` says so, and NCHW4 for the other convolutions that fit that. A convolution
// of few channels reads NCHW4 and writes what the next ones want.
LayoutPolicy policy_for(const char* name, Layout layout, Fits fits) {
  return {name,
          [layout, fits](const Graph& graph, const Node& node) {
            if (has_own_filters(graph, node))
              return LayoutAnswer::wants(layout == kCHWN4 ? kCHWN4 : kNCHW4, {0, 3});
            if (is_quantised_conv(graph, node)) {
              if (fits(graph, node)) return LayoutAnswer::wants(layout, {0, 3});
              const TensorType& y = graph.type(node.outputs[0]);
              const bool whole = layout == kNCHW32 && y.shape[1] % layout.vector == 0;
              if (fits_nchw4(graph, node) && whole && is_quantised_byte(y) && !has_z(node) &&
                  channels_of(graph, node).groups == 1)
                return LayoutAnswer::changes(kNCHW4, layout, {0});
              if (fits_nchw4(graph, node)) return LayoutAnswer::wants(kNCHW4, {0, 3});
            }
            return follows(graph, node) ? LayoutAnswer::follows() : LayoutAnswer::fixed();
          },
          converts};
}

}  // namespace

LayoutPolicy cuda_layout_policy() {
  return {
      "cuda",
      [](const Graph& graph, const Node& node) {
        // A filter per position is read once for all images where these are neighbours.
        if (has_own_filters(graph, node))
          return LayoutAnswer::wants(node.as<GroupLocal>() != nullptr ? kCHWN4 : kNHWC4, {0, 3});
        if (is_quantised_conv(graph, node)) return LayoutAnswer::wants(kNHWC4, {0, 3});
        return follows(graph, node) ? LayoutAnswer::follows() : LayoutAnswer::fixed();
      },
      converts};
}

LayoutPolicy nchw4_layout_policy() { return policy_for("nchw4", kNCHW4, fits_nchw4); }
LayoutPolicy nchw32_layout_policy() { return policy_for("nchw32", kNCHW32, fits_nchw32); }
LayoutPolicy chwn4_layout_policy() { return policy_for("chwn4", kCHWN4, fits_chwn4); }

std::vector<LayoutPolicy> cuda_layout_policies() {
  return {cuda_layout_policy(), nchw4_layout_policy(), nchw32_layout_policy(),
          chwn4_layout_policy()};
}

}  // namespace octet
