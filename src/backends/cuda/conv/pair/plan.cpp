#include "backends/cuda/conv/pair/plan.hpp"

#include <algorithm>
#include <limits>

#include "backends/cuda/common/epilogue_upload.hpp"
#include "backends/cuda/conv/geometry.hpp"
#include "backends/cuda/conv/wgmma/plan.hpp"
#include "backends/cuda/conv/wgmma/tiles.hpp"
#include "ops/conv.hpp"
#include "ops/subgraph.hpp"

namespace octet::cuda {
namespace {

bool is_matrix(const Problem& conv) {
  const ConvGeometry g = conv_geometry(conv);
  return g.r == 1 && g.s == 1 && g.stride_h == 1 && g.stride_w == 1 && g.oh == g.h && g.ow == g.w &&
         g.pad_top == 0 && g.pad_left == 0;
}

Verdict check_conv(const Problem& conv, const char* which) {
  const auto refuse = [&](const std::string& why) {
    return Verdict::refuse(std::string(which) + " convolution: " + why);
  };
  if (const Verdict verdict = check_im2col_conv(conv); !verdict) return refuse(verdict.reason());
  if (!is_matrix(conv)) return refuse("it is no 1x1 of stride 1 without padding");
  const WgmmaForm form = *wgmma_form(conv);
  if (form.rule != WgmmaRule::scaled_bias || !form.plain || form.x_unsigned)
    return refuse("it is not s8 without zero points by MegEngine's rule");
  if (form.z == WgmmaZ::once) return refuse("its z is rounded once");
  return Verdict::accept();
}

int shared_bytes(const PairParams& p, const PairTile& tile) {
  const int group = p.slots * 64 * tile.turn + p.buffers * 64 * tile.depth;
  const int constants = 8 * (p.turns * tile.turn + tile.channels);
  const int barriers = 16 * (p.turns + tile.groups * (p.slots + p.buffers));
  const int filters = p.turns * (pair_first_bytes(tile) + pair_second_bytes(tile));
  return 1024 + filters + tile.groups * group + constants + barriers;
}

// Beside the filters: x a tile ahead where that leaves three slots, and z as far ahead as the rest
// allows.
bool share_out(PairParams& p, const PairTile& tile) {
  constexpr struct {
    int slots, buffers;
  } kChoices[] = {{6, 2}, {5, 2}, {4, 2}, {3, 2}, {4, 1}, {3, 1}};
  for (const auto& choice : kChoices) {
    p.slots = choice.slots;
    p.buffers = choice.buffers;
    p.shared_bytes = shared_bytes(p, tile);
    if (p.shared_bytes <= kMostSharedMemory) return true;
  }
  return false;
}

}  // namespace

std::optional<PairChain> pair_chain(const Problem& problem) {
  const auto* op = problem.as<Subgraph>();
  if (op == nullptr || problem.outputs.size() != 2) return std::nullopt;
  PairChain chain;
  chain.graph = op->inner_for(problem.inputs);
  const Graph& graph = chain.graph;
  const auto order = graph.order();
  if (order.size() != 2) return std::nullopt;
  const Node &first = graph.node(order[0]), &second = graph.node(order[1]);
  if (first.as<Conv2d>() == nullptr || second.as<Conv2d>() == nullptr) return std::nullopt;
  if (first.inputs[0] != graph.inputs()[0] || second.inputs[0] != first.outputs[0] ||
      graph.outputs()[0].value != first.outputs[0] || graph.outputs()[1].value != second.outputs[0])
    return std::nullopt;
  chain.first = Problem::of(graph, order[0]);
  chain.second = Problem::of(graph, order[1]);
  const bool has_z = chain.first.has_input(3);
  if (chain.second.has_input(3) || graph.inputs().size() != (has_z ? 2u : 1u)) return std::nullopt;
  if (has_z && first.inputs[3] != graph.inputs()[1]) return std::nullopt;
  // All values inside come in or go out: their layouts are those outside.
  chain.first.inputs[0].layout = problem.inputs[0].layout;
  if (has_z) chain.first.inputs[3].layout = problem.inputs[1].layout;
  chain.first.outputs[0].layout = chain.second.inputs[0].layout = problem.outputs[0].layout;
  chain.second.outputs[0].layout = problem.outputs[1].layout;
  return chain;
}

Verdict check_pair(const Problem& problem, const PairTile& tile, int multiprocessors) {
  const std::optional<PairChain> chain = pair_chain(problem);
  if (!chain) return Verdict::refuse("it is no pair of convolutions whose outputs both are read");
  if (const Verdict first = check_conv(chain->first, "the first"); !first) return first;
  if (const Verdict second = check_conv(chain->second, "the second"); !second) return second;
  const ConvGeometry g = conv_geometry(chain->first);
  const int channels = conv_geometry(chain->second).k;
  if (channels > tile.channels)
    return Verdict::refuse("the second map has more than " + std::to_string(tile.channels) +
                           " channels");
  if (2 * channels <= tile.channels)
    return Verdict::refuse("the second map fills less than half of the sums");
  if (g.c > tile.depth)
    return Verdict::refuse("the first sum is deeper than " + std::to_string(tile.depth));
  if (2 * g.c <= tile.depth) return Verdict::refuse("the first sum has less than half the depth");
  const long long pixels = static_cast<long long>(g.n) * g.oh * g.ow;
  if (pixels < static_cast<long long>(tile.least_pixels) * multiprocessors)
    return Verdict::refuse("there are too few pixels to be worth bringing both filters");
  if (!pair_params(*chain, tile))
    return Verdict::refuse("the operands do not fit in shared memory");
  return Verdict::accept();
}

std::vector<std::int8_t> pack_pair_filters(const Filter& first, const Filter& second,
                                           const PairTile& tile) {
  std::vector<std::int8_t> packed = pack_wgmma_filter(first, tile.turn, tile.depth);
  const int out = pair_out_channels(tile), outs = divided_up(second.k, out);
  const int turns = divided_up(first.k, tile.turn), piece = out * tile.turn;
  const std::vector<std::int8_t> narrow = pack_wgmma_filter(second, out, tile.turn);
  for (int turn = 0; turn < turns; ++turn) {
    for (int i = 0; i < outs; ++i) {
      const auto from = narrow.begin() + static_cast<std::ptrdiff_t>((i * turns + turn) * piece);
      packed.insert(packed.end(), from, from + piece);
    }
    packed.resize(packed.size() +
                  static_cast<std::size_t>((tile.channels - outs * out) * tile.turn));
  }
  return packed;
}

std::optional<PairParams> pair_params(const PairChain& chain, const PairTile& tile) {
  const ConvGeometry g = conv_geometry(chain.first);
  PairParams p{};
  p.tiles = divided_up(g.n * g.oh * g.ow, 64 * tile.groups);
  p.turns = divided_up(g.k, tile.turn);
  if (!share_out(p, tile)) return std::nullopt;
  return p;
}

double estimate_pair(const Problem& problem, int multiprocessors) {
  constexpr double kMemoryBytes = 4.3e6, kLaunch = 1.85;  // a microsecond; microseconds
  const PairChain chain = *pair_chain(problem);
  double both = 0.0;
  for (const Problem* conv : {&chain.first, &chain.second}) {
    double least = std::numeric_limits<double>::infinity();
    for (const WgmmaTile& tile : kWgmmaTiles)
      if (tile.split == 0)
        least = std::min(least, estimate_im2col_conv(*conv, tile, multiprocessors));
    both += least;
  }
  return both - kLaunch - static_cast<double>(problem.outputs[0].bytes()) / kMemoryBytes;
}

}  // namespace octet::cuda
