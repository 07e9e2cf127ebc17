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

// How much of a block's shared memory each of the things takes that there can be more of.
struct PairMemory {
  int part, slots, buffers;  // a part; a slot or buffer of all warpgroups
  int fixed;                 // constants, barriers

  int bytes(const PairParams& p) const {
    return fixed + p.stages * part + p.slots * slots + p.buffers * buffers;
  }
  bool fits(const PairParams& p) const { return bytes(p) <= kMostSharedMemory; }
};

constexpr int kMostStages = 32, kMostSlots = 6;

PairMemory memory_of(const PairParams& p, const PairTile& tile) {
  constexpr int kBarriers = 8 * 2 * (kMostStages + 3 * (kMostSlots + 2));
  return {pair_part_bytes(tile), tile.groups * 64 * tile.turn,
          tile.groups * 64 * tile.depth * p.k_blocks,
          1024 + 8 * (p.turns * tile.turn + tile.channels) + kBarriers};
}

// Both filters stay where they fit; z is fetched as far ahead as the rest allows.
bool share_out(PairParams& p, const PairTile& tile) {
  const PairMemory memory = memory_of(p, tile);
  // While one turn's products are under way, the parts of the turn before may still be read.
  const int least_stages = p.k_blocks + tile.channels / pair_product_channels(tile);
  p.slots = 3;
  for (p.buffers = 2; p.buffers > 0; --p.buffers) {
    p.stages = p.parts;
    p.resident = p.stages <= kMostStages && memory.fits(p);
    if (p.resident) break;
    p.stages = 0;
    p.stages = std::min(kMostStages, (kMostSharedMemory - memory.bytes(p)) / memory.part);
    if (p.stages > least_stages) break;
  }
  if (p.buffers == 0) return false;
  while (p.resident && p.slots < kMostSlots) {
    ++p.slots;
    if (memory.fits(p)) continue;
    --p.slots;
    break;
  }
  p.shared_bytes = memory.bytes(p);
  return true;
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
  if (g.c > 64 && tile.depth == 64) return Verdict::refuse("the first sum is deeper than 64");
  // A pair is the work of fewer blocks than its convolutions: where multiprocessors are left
  // without a tile, two kernels in a row are faster.
  if (static_cast<long long>(g.n) * g.oh * g.ow < 64LL * multiprocessors)
    return Verdict::refuse("there are too few pixels to keep the GPU busy");
  if (!pair_params(*chain, tile))
    return Verdict::refuse("the operands do not fit in shared memory");
  return Verdict::accept();
}

std::vector<std::int8_t> pack_pair_filters(const Filter& first, const Filter& second,
                                           const PairTile& tile) {
  const int out = pair_out_channels(tile);
  const std::vector<std::int8_t> wide = pack_wgmma_filter(first, tile.turn, tile.depth);
  const std::vector<std::int8_t> narrow = pack_wgmma_filter(second, out, tile.turn);
  const int turns = divided_up(first.k, tile.turn), blocks = divided_up(first.c, tile.depth);
  const int outs = divided_up(second.k, out);
  const auto wide_bytes = static_cast<std::size_t>(blocks * tile.turn * tile.depth);
  const auto narrow_bytes = static_cast<std::size_t>(out * tile.turn);
  const std::size_t all_narrow = static_cast<std::size_t>(tile.channels / out) * narrow_bytes;
  std::vector<std::int8_t> parts(static_cast<std::size_t>(turns) * (wide_bytes + all_narrow));
  auto to = parts.begin();
  const auto copy = [&](const std::vector<std::int8_t>& from, std::size_t piece, std::size_t bytes,
                        auto at) {
    const auto begin = from.begin() + static_cast<std::ptrdiff_t>(piece * bytes);
    std::copy(begin, begin + static_cast<std::ptrdiff_t>(bytes), at);
  };
  for (int turn = 0; turn < turns; ++turn) {
    copy(wide, static_cast<std::size_t>(turn), wide_bytes, to);
    to += static_cast<std::ptrdiff_t>(wide_bytes);
    for (int i = 0; i < outs; ++i)
      copy(narrow, static_cast<std::size_t>(i * turns + turn), narrow_bytes,
           to + static_cast<std::ptrdiff_t>(static_cast<std::size_t>(i) * narrow_bytes));
    to += static_cast<std::ptrdiff_t>(all_narrow);
  }
  return parts;
}

std::optional<PairParams> pair_params(const PairChain& chain, const PairTile& tile) {
  const ConvGeometry g = conv_geometry(chain.first);
  PairParams p{};
  p.tiles = divided_up(g.n * g.oh * g.ow, 64 * tile.groups);
  p.turns = divided_up(g.k, tile.turn);
  p.k_blocks = divided_up(g.c, tile.depth);
  p.parts = p.turns * (p.k_blocks + tile.channels / pair_product_channels(tile));
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
