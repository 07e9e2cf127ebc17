#include "backends/cuda/conv/inverted/chain.hpp"

#include <algorithm>
#include <bit>

#include "backends/cuda/common/epilogue_upload.hpp"
#include "backends/cuda/common/layouts.hpp"
#include "backends/cuda/conv/filter_pack.hpp"
#include "backends/cuda/conv/operand_checks.hpp"
#include "backends/cuda/conv/wgmma/bit_line.hpp"
#include "backends/cuda/conv/wgmma/plan.hpp"
#include "ir/readers.hpp"
#include "ops/subgraph.hpp"

namespace octet::cuda {
namespace {

constexpr std::int64_t kMostChannels = 1 << 16;  // so that sizes in bytes are integers

// The only node that reads `value`, if it is a convolution whose input that is.
NodeId only_conv(const Graph& graph, ValueId value) {
  const NodeId reader = only_reader(graph, value);
  if (reader == kNoNode) return kNoNode;
  const Node& node = graph.node(reader);
  return node.as<Conv2d>() != nullptr && node.inputs[0] == value ? reader : kNoNode;
}

// The first node that has no input made inside.
NodeId first_conv(const Graph& graph) {
  for (const NodeId id : graph.order()) {
    const Node& node = graph.node(id);
    if (node.as<Conv2d>() != nullptr && graph.value(node.inputs[0]).is_input) return id;
  }
  return kNoNode;
}

std::optional<std::size_t> input_index(const Graph& graph, ValueId value) {
  const auto& inputs = graph.inputs();
  const auto found = std::find(inputs.begin(), inputs.end(), value);
  if (found == inputs.end()) return std::nullopt;
  return static_cast<std::size_t>(found - inputs.begin());
}

bool has_window(const Problem& conv, std::int64_t size, std::int64_t pad) {
  const Window2d& window = conv.as<Conv2d>()->window;
  const Shape& w = conv.inputs[1].shape;
  return w[2] == size && w[3] == size && window.dilation == std::array<std::int64_t, 2>{1, 1} &&
         window.pad == std::array<std::int64_t, 4>{pad, pad, pad, pad} &&
         window.stride[0] == window.stride[1];
}

// What all three layers must be.
Verdict check_layer(const Problem& conv, const std::string& name, WgmmaRule rule) {
  if (const Verdict bias = check_constant_bias(conv); !bias) return bias;
  if (const Verdict filter = check_symmetric_filter(conv); !filter) return filter;
  const std::optional<WgmmaForm> form = wgmma_form(conv);
  if (!form || form->rule != rule || !form->plain || form->x_unsigned)
    return Verdict::refuse(name + "'s epilogue is not one that is compiled");
  return Verdict::accept();
}

Verdict check_hidden(const Problem& conv, const std::string& name, WgmmaRule rule) {
  if (const Verdict layer = check_layer(conv, name, rule); !layer) return layer;
  if (conv.has_input(3)) return Verdict::refuse(name + " has a z");
  if (conv.as<Conv2d>()->activation.kind != ActivationKind::relu)
    return Verdict::refuse(name + " has no ReLU");
  return Verdict::accept();
}

Verdict check_expand(const std::optional<Problem>& expand) {
  if (!expand) return Verdict::accept();
  const Problem& conv = *expand;
  if (conv.as<Conv2d>()->groups != 1 || !has_window(conv, 1, 0) || stride_of(conv) != 1)
    return Verdict::refuse("the first layer is no plain 1x1");
  return check_expanding_layer(conv);
}

Verdict check_depthwise(const Problem& conv) {
  const std::int64_t channels = conv.inputs[0].shape[1];
  if (conv.as<Conv2d>()->groups != channels || conv.inputs[1].shape[0] != channels)
    return Verdict::refuse("the second layer is not depthwise");
  if (!has_window(conv, 3, 1) || stride_of(conv) > 2)
    return Verdict::refuse("the second layer is no 3x3 of stride 1 or 2 and padding 1");
  return check_hidden(conv, "the second layer", WgmmaRule::integer_bias);
}

Verdict check_project(const Problem& conv) {
  if (conv.as<Conv2d>()->groups != 1 || !has_window(conv, 1, 0) || stride_of(conv) != 1)
    return Verdict::refuse("the third layer is no plain 1x1");
  if (const Verdict layer = check_layer(conv, "the third layer", WgmmaRule::scaled_bias); !layer)
    return layer;
  if (wgmma_form(conv)->z == WgmmaZ::once) return Verdict::refuse("the residual is rounded once");
  return Verdict::accept();
}

Verdict check_maps(const Problem& problem) {
  for (const std::vector<TensorType>* types : {&problem.inputs, &problem.outputs})
    for (const TensorType& type : *types) {
      if (!is_nhwc(type)) return Verdict::refuse("a map is not in NHWC");
      if (type.shape[1] % 8 != 0)
        return Verdict::refuse("the channels of a map are not a multiple of 8");
      if (type.shape[1] > kMostChannels)
        return Verdict::refuse("a map has more than 65536 channels");
    }
  return Verdict::accept();
}

// Where the epilogue has a short way from sums to bytes.
std::optional<HiddenLayer> bits_layer(const Epilogue& epilogue) {
  const auto channels = prove_bits(epilogue);
  if (!channels) return std::nullopt;
  HiddenLayer layer{0.0f, {}};
  for (const ChannelBits& channel : *channels)
    layer.channels.push_back({static_cast<std::uint32_t>(channel.add),
                              std::bit_cast<std::uint32_t>(channel.a),
                              std::bit_cast<std::uint32_t>(least_subnormals(channel.b))});
  return layer;
}

// An integer bias is where sums begin; -0 changes nothing.
HiddenLayer canonical_layer(const Epilogue& epilogue) {
  HiddenLayer layer{epilogue.quantiser.factor * 0.0078125f, {}};
  for (std::size_t k = 0; k < epilogue.m.size(); ++k)
    layer.channels.push_back(
        {static_cast<std::uint32_t>(epilogue.ibias[k]), std::bit_cast<std::uint32_t>(epilogue.m[k]),
         std::bit_cast<std::uint32_t>(epilogue.has_fbias ? epilogue.fbias[k] : -0.0f)});
  return layer;
}

}  // namespace

std::optional<InvertedChain> inverted_chain(const Problem& problem) {
  const auto* op = problem.as<Subgraph>();
  if (op == nullptr || problem.outputs.size() != 1) return std::nullopt;
  Graph graph = op->inner_for(problem.inputs);
  const std::size_t layers = graph.order().size();
  if (layers != 2 && layers != 3) return std::nullopt;
  const NodeId first = first_conv(graph);
  if (first == kNoNode) return std::nullopt;
  const std::size_t x = *input_index(graph, graph.node(first).inputs[0]);
  auto chain = inverted_chain_from(std::move(graph), first, layers == 3);
  if (chain) chain->x = x;
  return chain;
}

std::optional<InvertedChain> inverted_chain_from(Graph whole, NodeId first, bool expands) {
  InvertedChain chain{};
  chain.graph = std::move(whole);
  const Graph& graph = chain.graph;
  const NodeId depthwise = expands ? only_conv(graph, graph.node(first).outputs[0]) : first;
  if (depthwise == kNoNode) return std::nullopt;
  const NodeId project = only_conv(graph, graph.node(depthwise).outputs[0]);
  if (project == kNoNode || !graph.is_output(graph.node(project).outputs[0])) return std::nullopt;
  if (expands) chain.expand = Problem::of(graph, first);
  chain.depthwise = Problem::of(graph, depthwise);
  chain.project = Problem::of(graph, project);
  if (chain.project.has_input(3)) {
    chain.z = input_index(graph, graph.node(project).inputs[3]);
    if (!chain.z) return std::nullopt;
  }
  return chain;
}

Verdict check_expanding_layer(const Problem& conv) {
  return check_hidden(conv, "the first layer", WgmmaRule::scaled_bias);
}

Verdict check_reducing_layers(const InvertedChain& chain) {
  if (const Verdict depthwise = check_depthwise(chain.depthwise); !depthwise) return depthwise;
  return check_project(chain.project);
}

int stride_of(const Problem& conv) { return static_cast<int>(conv.as<Conv2d>()->window.stride[0]); }

Verdict check_chain(const InvertedChain& chain, const Problem& problem) {
  for (const Verdict& verdict :
       {check_expand(chain.expand), check_reducing_layers(chain), check_maps(problem)})
    if (!verdict) return verdict;
  if (chain.depthwise.inputs[0].shape[1] > kMostChannels)
    return Verdict::refuse("there are more than 65536 hidden channels");
  if (problem.outputs[0].physical_elements() > (1 << 30) ||
      problem.inputs[0].physical_elements() > (1 << 30))
    return Verdict::refuse("there are more than 2^30 values");
  return Verdict::accept();
}

Epilogue epilogue_of(const Problem& conv) { return conv_epilogue(conv, read_filter(conv).sums()); }

HiddenLayers hidden_layers(const InvertedChain& chain) {
  const Epilogue depthwise = epilogue_of(chain.depthwise);
  const std::optional<Epilogue> expand =
      chain.expand ? std::optional(epilogue_of(*chain.expand)) : std::nullopt;
  const auto first = expand ? bits_layer(*expand) : HiddenLayer{};
  if (const auto second = first ? bits_layer(depthwise) : std::nullopt; second)
    return {HiddenForm::bits, *first, *second};
  return {HiddenForm::canonical, expand ? canonical_layer(*expand) : HiddenLayer{},
          canonical_layer(depthwise)};
}

}  // namespace octet::cuda
