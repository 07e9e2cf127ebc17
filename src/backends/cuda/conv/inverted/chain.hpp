// The sub-graphs that are inverted residual blocks, and how their hidden layers end. Plain C++,
// tested without a GPU.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "backends/cuda/conv/inverted/params.hpp"
#include "kernels/kernel.hpp"
#include "ops/epilogue.hpp"

namespace octet::cuda {

// A sub-graph of three convolutions, one after the other, or of the last two.
struct InvertedChain {
  Graph graph;  // for the problem's shapes; what follows points into it
  std::optional<Problem> expand;
  Problem depthwise, project;
  std::size_t x;                 // which input of the sub-graph is the block's
  std::optional<std::size_t> z;  // and which the residual; perhaps the same
};
// Nothing where a Subgraph problem is no such chain.
std::optional<InvertedChain> inverted_chain(const Problem& problem);
// The convolutions from `first` on, up to the graph's only output, without what `x` is; nothing
// where they are no such chain.
std::optional<InvertedChain> inverted_chain_from(Graph graph, NodeId first, bool expands);

// Why a layer that expands a map is none whose sums become bytes here, wherever they come from.
Verdict check_expanding_layer(const Problem& conv);
// The same of the two layers that reduce one.
Verdict check_reducing_layers(const InvertedChain& chain);
// Why its layers or its maps are none that kernels take, or accept().
Verdict check_chain(const InvertedChain& chain, const Problem& problem);

int stride_of(const Problem& conv);
Epilogue epilogue_of(const Problem& conv);

// How the hidden layers' sums become bytes, and with which constants of each channel: see
// kInvertedConstants.
struct HiddenLayer {
  float factor;
  std::vector<std::array<std::uint32_t, 3>> channels;
};
struct HiddenLayers {
  HiddenForm form;
  HiddenLayer expand, depthwise;  // without an expansion the first is empty
};
HiddenLayers hidden_layers(const InvertedChain& chain);

}  // namespace octet::cuda
