#include "backends/cuda/conv/entry/plan.hpp"

#include <algorithm>

#include "backends/cuda/common/epilogue_upload.hpp"
#include "backends/cuda/common/layouts.hpp"
#include "backends/cuda/conv/geometry.hpp"
#include "backends/cuda/conv/stem/plan.hpp"
#include "ir/readers.hpp"
#include "ops/convert.hpp"
#include "ops/subgraph.hpp"

namespace octet::cuda {
namespace {

// What a block's steps take beside those of its lines, in steps: one line more is made, and a row
// of the image above them quantised.
constexpr double kStepsAround = 1.2;

Verdict check_window(const Problem& conv) {
  const auto& op = *conv.as<Conv2d>();
  const Shape& w = conv.inputs[1].shape;
  if (op.groups != 1) return Verdict::refuse("the first convolution is grouped");
  if (w[2] != 3 || w[3] != 3 || op.window.stride != std::array<std::int64_t, 2>{2, 2} ||
      op.window.dilation != std::array<std::int64_t, 2>{1, 1})
    return Verdict::refuse("the first convolution is no 3x3 of stride 2");
  const auto& pad = op.window.pad;
  if (std::any_of(pad.begin(), pad.end(), [](std::int64_t side) { return side > 1; }))
    return Verdict::refuse("the first convolution's padding is above 1");
  return Verdict::accept();
}

Verdict check_maps(const Problem& problem, const InvertedChain& block, const InvertedShape& shape) {
  const TensorType& y = problem.outputs[0];
  const std::int64_t hidden = block.depthwise.inputs[0].shape[1];
  if (!is_nhwc(y)) return Verdict::refuse("the output is not in NHWC");
  if (block.depthwise.as<Conv2d>()->window.stride[0] != 1)
    return Verdict::refuse("the depthwise convolution's stride is not 1");
  if (hidden > kInvertedChunk || hidden <= kInvertedChunk / 2)
    return Verdict::refuse("the depthwise convolution's channels are not 17 to 32");
  if (y.shape[1] % 8 != 0 || y.shape[1] > shape.n)
    return Verdict::refuse("the output's channels are not 8 or " + std::to_string(shape.n));
  if (problem.inputs[0].physical_elements() / problem.inputs[0].shape[0] > (1 << 28) ||
      y.physical_elements() / y.shape[0] > (1 << 30))
    return Verdict::refuse("an image has more than 2^28 values");
  return Verdict::accept();
}

// Shares out shared memory.
void place_all(EntryParams& p, const EntryShape& shape, int quad_bytes) {
  InvertedParams& block = p.block;
  block.pitch = 16 * p.units + 2;
  // The four planes that a warp writes to at once begin in different banks.
  block.plane_bytes = aligned_up(16 * kEntryPlaces * block.pitch - 32, 128) + 32;
  // As far as the last unit reads, though it has no such columns.
  p.row_bytes = (kEntryMargin + 32 * p.units + 4) * kEntryPixelBytes;
  p.raw_bytes = shape.columns() * quad_bytes;
  p.rows_at = aligned_up(kInvertedGroups * block.plane_bytes, 128);
  p.raw_at = p.rows_at + kEntryPlaces * kEntryGroupRows * p.row_bytes;
  block.filters_at = p.raw_at + 3 * p.raw_bytes;
  block.shared_bytes = block.filters_at + block.piece_bytes;
}

// How many blocks share a multiprocessor.
int blocks_of(const EntryParams& p, const EntryShape& shape, int shared_bytes) {
  return std::min(shape.blocks, (shared_bytes + 1024) / (p.block.shared_bytes + 1024));
}

double steps_of(const EntryParams& p) { return p.lines + kStepsAround; }
int rounds_of(const EntryParams& p, int images, int slots) {
  return divided_up(images * p.blocks, slots);
}

// The parts of an image with which the busiest multiprocessor takes the fewest steps.
void cut_images(EntryParams& p, int images, int slots) {
  EntryParams best{};
  for (int parts = 1; parts <= p.all_lines; ++parts) {
    p.lines = divided_up(p.all_lines, parts);
    p.blocks = divided_up(p.all_lines, p.lines);
    if (best.lines == 0 ||
        rounds_of(p, images, slots) * steps_of(p) < rounds_of(best, images, slots) * steps_of(best))
      best = p;
  }
  p = best;
}

// All numbers but those of how images are cut.
EntryParams sizes_of(const EntryChain& chain, const EntryShape& shape) {
  const ConvGeometry g = conv_geometry(*chain.block.expand);
  EntryParams p{};
  p.block = inverted_sizes(chain.block, shape.block());
  p.block.h = p.block.oh;
  p.block.w = p.block.ow;
  p.block.k_steps = kEntrySteps;
  p.block.piece_bytes = shape.block().piece_bytes(kEntrySteps);
  p.channels = g.c;
  p.h = g.h;
  p.w = g.w;
  const int plane_bytes = g.h * g.w * static_cast<int>(size_of(chain.bring.inputs[0].dtype));
  for (int c = 0; c < 3; ++c) p.planes_at[c] = std::min(c, g.c - 1) * plane_bytes;
  p.pad_top = g.pad_top;
  p.quads = Divisor(g.w / 4);
  p.units = divided_up(p.block.ow, 16);
  p.all_lines = divided_up(p.block.oh, 2);
  place_all(p, shape, 4 * static_cast<int>(size_of(chain.bring.inputs[0].dtype)));
  return p;
}

}  // namespace

std::optional<EntryChain> entry_chain(const Problem& problem) {
  const auto* op = problem.as<Subgraph>();
  if (op == nullptr || problem.inputs.size() != 1 || problem.outputs.size() != 1)
    return std::nullopt;
  Graph graph = op->inner_for(problem.inputs);
  const NodeId bring = only_reader(graph, graph.inputs()[0]);
  if (graph.order().size() != 4 || (!is<Convert>(graph, bring) && !is<Relayout>(graph, bring)))
    return std::nullopt;
  const NodeId conv = only_reader(graph, graph.node(bring).outputs[0]);
  if (!is<Conv2d>(graph, conv)) return std::nullopt;
  Problem brings = Problem::of(graph, bring);
  auto block = inverted_chain_from(std::move(graph), conv, true);
  if (!block) return std::nullopt;
  return EntryChain{std::move(brings), std::move(*block)};
}

Verdict check_entry(const Problem& problem, const EntryShape& shape, int shared_bytes) {
  const std::optional<EntryChain> chain = entry_chain(problem);
  if (!chain) return Verdict::refuse("it is no chain of quantising and three convolutions");
  const InvertedChain& block = chain->block;
  for (const Verdict& verdict :
       {check_stem_input(chain->bring, *block.expand), check_window(*block.expand),
        check_expanding_layer(*block.expand), check_reducing_layers(block),
        check_maps(problem, block, shape.block())})
    if (!verdict) return verdict;
  if (stem_input(chain->bring, *block.expand) == StemInput::f32_onnx)
    return Verdict::refuse("the input is quantised by the ONNX rule");
  const EntryParams p = sizes_of(*chain, shape);
  if (problem.outputs[0].shape[0] > 65535) return Verdict::refuse("there are over 65535 images");
  if (p.w > shape.columns() || p.units > shape.warps * shape.units)
    return Verdict::refuse("the image has more than " + std::to_string(shape.columns()) +
                           " columns");
  if (blocks_of(p, shape, shared_bytes) == 0)
    return Verdict::refuse("the lines of the map do not fit in shared memory");
  return Verdict::accept();
}

void fold_last_row(std::vector<std::int8_t>& packed) {
  constexpr int kOfPair = 512, kWord = 4;
  const auto step = packed.begin() + 1024;
  for (int thread = 0; thread < 32; ++thread)
    for (int odd = 0; odd < 2; ++odd) {
      const auto word = step + thread * 16 + odd * 2 * kWord;
      std::copy_n(word + kOfPair, kWord, word + kWord);
    }
}

InvertedFilters entry_filters(const EntryChain& chain) {
  constexpr int kDepth = 32 * kEntrySteps, kOfRow = 16;
  InvertedFilters filters = inverted_filters(chain.block);
  const Filter first = *filters.expand;
  const int pad_left = conv_geometry(*chain.block.expand).pad_left;
  Filter& expand = *filters.expand;
  expand = {first.k, kDepth, 1, 1, {}};
  for (int k = 0; k < first.k; ++k)
    for (int i = 0; i < kDepth; ++i) {
      // The first of a row's four pixels is the one left of twice the column.
      const int r = i / kOfRow, s = i % kOfRow / kEntryPixelBytes - 1 + pad_left;
      const int c = i % kEntryPixelBytes;
      const bool is_tap = r < 3 && s >= 0 && s < 3 && c < first.c;
      expand.values.push_back(is_tap ? first.at(k, c, r, s) : std::int8_t{0});
    }
  return filters;
}

EntryParams entry_params(const EntryChain& chain, const EntryShape& shape, int shared_bytes,
                         int multiprocessors) {
  EntryParams p = sizes_of(chain, shape);
  const TensorType& q = chain.block.expand->inputs[0];
  p.block.project = inverted_project(chain.block);
  if (const auto* convert = chain.bring.as<Convert>())
    p.quantiser = to_params(Quantiser::make({q.dtype, q.quant}, convert->rule));
  p.padding = 0x01010101u * static_cast<std::uint8_t>(q.quant->zero_point());
  cut_images(p, static_cast<int>(q.shape[0]), multiprocessors * blocks_of(p, shape, shared_bytes));
  return p;
}

double estimate_entry(const Problem& problem, const EntryShape& shape, int shared_bytes,
                      int multiprocessors) {
  // Instructions of a warp, counted in the listings, and the clocks that one takes of its scheduler
  // (measured on an H200 at 1.8 GHz).
  constexpr double kStep = 20, kUnit = 536, kMicroseconds = 1.54 / 1800, kStart = 2.0;
  const EntryChain chain = *entry_chain(problem);
  EntryParams p = sizes_of(chain, shape);
  const int images = static_cast<int>(problem.outputs[0].shape[0]);
  int together = blocks_of(p, shape, shared_bytes);
  const int slots = multiprocessors * together;
  cut_images(p, images, slots);
  together = std::min(together, divided_up(images * p.blocks, multiprocessors));
  const double of_scheduler = (kStep + kUnit * shape.units) * shape.warps / 4 * together;
  return kStart + rounds_of(p, images, slots) * steps_of(p) * of_scheduler * kMicroseconds;
}

}  // namespace octet::cuda
