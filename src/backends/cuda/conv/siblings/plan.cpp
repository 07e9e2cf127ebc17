#include "backends/cuda/conv/siblings/plan.hpp"

#include <algorithm>

#include "backends/cuda/conv/geometry.hpp"
#include "ops/conv.hpp"
#include "ops/subgraph.hpp"

namespace octet::cuda {
namespace {

int tiles_of(const WgmmaConvParams& conv, const WgmmaTile& tile) {
  return divided_up(conv.pixels, tile.m) * conv.n_tiles;
}

int tiles_of(const Problem& conv, const WgmmaTile& tile) {
  const ConvGeometry g = conv_geometry(conv);
  return divided_up(g.n * g.oh * g.ow, tile.m) * divided_up(g.k, tile.n);
}

std::optional<std::size_t> output_of(const Graph& graph, const Node& node) {
  for (std::size_t i = 0; i < graph.outputs().size(); ++i)
    if (graph.outputs()[i].value == node.outputs[0]) return i;
  return std::nullopt;
}

}  // namespace

std::optional<ConvSiblings> conv_siblings(const Problem& problem) {
  const auto* op = problem.as<Subgraph>();
  if (op == nullptr || problem.inputs.size() != 1 || problem.outputs.size() != 2)
    return std::nullopt;
  ConvSiblings two;
  two.graph = op->inner_for(problem.inputs);
  const std::vector<NodeId> nodes = two.graph.order();
  if (nodes.size() != 2) return std::nullopt;
  for (std::size_t i = 0; i < 2; ++i) {
    const Node& node = two.graph.node(nodes[i]);
    if (node.as<Conv2d>() == nullptr || node.inputs[0] != two.graph.inputs()[0])
      return std::nullopt;
    const std::optional<std::size_t> output = output_of(two.graph, node);
    if (!output) return std::nullopt;
    two.output[i] = *output;
    two.conv[i] = Problem::of(two.graph, nodes[i]);
  }
  return two;
}

Verdict check_siblings(const Problem& problem, const WgmmaTile& tile, int multiprocessors) {
  const std::optional<ConvSiblings> two = conv_siblings(problem);
  if (!two) return Verdict::refuse("it is no pair of convolutions that read one input");
  for (const Problem& conv : two->conv) {
    if (const Verdict verdict = check_im2col_conv(conv); !verdict) return verdict;
    if (conv.has_input(3)) return Verdict::refuse("one of the two has a z");
  }
  if (!(*wgmma_form(two->conv[0]) == *wgmma_form(two->conv[1])))
    return Verdict::refuse("the two need different epilogues");
  const int tiles = tiles_of(two->conv[0], tile) + tiles_of(two->conv[1], tile);
  if (tile.split > 0 && tiles > 4 * multiprocessors)
    return Verdict::refuse("there are enough tiles for persistent blocks");
  return Verdict::accept();
}

SiblingsParams siblings_params(const ConvSiblings& two, const Epilogue (&epilogues)[2],
                               const WgmmaTile& tile) {
  SiblingsParams p{};
  for (int i = 0; i < 2; ++i) {
    p.conv[i] = wgmma_params(two.conv[i], epilogues[i], tile);
    p.tiles[i] = tiles_of(p.conv[i], tile);
  }
  p.run = p.tiles[0] / p.tiles[1];
  p.first_n[1] = p.conv[0].n_tiles;
  p.first_block[1] = p.conv[0].n_tiles * p.conv[0].k_tiles;
  p.blocks = p.first_block[1] + p.conv[1].n_tiles * p.conv[1].k_tiles;
  p.both = p.conv[0];
  p.both.n_tiles += p.conv[1].n_tiles;
  if (tile.split > 0) {
    p.both.shared_bytes = std::max(p.conv[0].shared_bytes, p.conv[1].shared_bytes);
    return p;
  }
  const BlockMemory memory = block_memory(tile, false, p.both.n_tiles, p.blocks * tile.n * tile.k);
  const int stage = (tile.m + (memory.resident ? 0 : tile.n)) * tile.k;
  for (WgmmaConvParams* conv : {&p.conv[0], &p.conv[1], &p.both}) {
    conv->resident = memory.resident;
    conv->stages = memory.stages(stage);
    conv->shared_bytes = memory.fixed_bytes + conv->stages * stage;
  }
  return p;
}

double estimate_siblings(const Problem& problem, const WgmmaTile& tile, int multiprocessors) {
  const ConvSiblings two = *conv_siblings(problem);
  const double first = estimate_im2col_conv(two.conv[0], tile, multiprocessors);
  const double second = estimate_im2col_conv(two.conv[1], tile, multiprocessors);
  // One launch and one last wave are saved.
  constexpr double kSaved = 3.0;
  return std::max({first, second, first + second - kSaved});
}

}  // namespace octet::cuda
