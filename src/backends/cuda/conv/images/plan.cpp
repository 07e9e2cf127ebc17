#include "backends/cuda/conv/images/plan.hpp"

#include <algorithm>
#include <cmath>

#include "backends/cuda/conv/geometry.hpp"
#include "ops/conv.hpp"

namespace octet::cuda {
namespace {

constexpr int kLine = 4 * kSpanImages;                 // bytes of a word of channels
constexpr int kPixelBytes = kImagesDepth / 4 * kLine;  // of a span in a stage

constexpr WgmmaTile wgmma_tile(const ImagesTile& tile) {
  return {tile.m, tile.n, kImagesDepth, tile.groups, tile.teams};
}

// The ring of a problem, and what the block holds beside it.
struct Ring {
  BlockMemory memory;
  int columns, x_bytes;  // of a stage: input pixels of a row, their bytes
  int stage_bytes, stages;

  Ring(const ConvGeometry& g, const ImagesTile& tile, const ImagesSpans& spans, bool has_z) {
    const int n_tiles = divided_up(g.k, tile.n), taps = g.s * tile.n * kImagesDepth;
    memory = block_memory(wgmma_tile(tile), has_z, n_tiles,
                          n_tiles * g.r * divided_up(g.c, kImagesDepth) * taps);
    columns = (spans.columns - 1) * g.stride_w + (g.s - 1) * g.dilation_w + 1;
    x_bytes = spans.blocks * columns * kPixelBytes;
    stage_bytes = x_bytes + (memory.resident ? 0 : taps);
    stages = memory.stages(stage_bytes);
  }
};

}  // namespace

ImagesSpans images_spans(int ow, int n, int spans) {
  ImagesSpans best{};
  long long fewest = 0;
  for (int columns = spans; columns >= 1; columns /= 2) {
    const ImagesSpans candidate{columns, spans / columns};
    const long long tiles = static_cast<long long>(divided_up(ow, columns)) *
                            divided_up(n, candidate.blocks * kSpanImages);
    if (fewest != 0 && tiles >= fewest) continue;
    fewest = tiles;
    best = candidate;
  }
  return best;
}

int images_depth_channel(int i) {
  const int word = i / 4;
  return (word < 4 ? 2 * word : 2 * (word - 4) + 1) * 4 + i % 4;
}

int images_output_channel(int row) {
  const int pair = row / 16, of_pair = row % 16;
  const int word = pair / 2 * 8 + of_pair % 8 / 2 * 2 + pair % 2;
  return word * 4 + of_pair / 8 * 2 + of_pair % 2;
}

std::vector<std::int8_t> pack_images_filter(const Filter& filter, int tile_n) {
  const int n_tiles = divided_up(filter.k, tile_n), blocks = divided_up(filter.c, kImagesDepth);
  std::vector<std::int8_t> packed;
  packed.reserve(static_cast<std::size_t>(n_tiles * filter.r * blocks * filter.s) *
                 static_cast<std::size_t>(tile_n * kImagesDepth));
  const auto value = [&](int k, int c, int r, int s) -> std::int8_t {
    return k < filter.k && c < filter.c ? filter.at(k, c, r, s) : std::int8_t{0};
  };
  for (int tile = 0; tile < n_tiles; ++tile)
    for (int r = 0; r < filter.r; ++r)
      for (int block = 0; block < blocks; ++block)
        for (int s = 0; s < filter.s; ++s)
          for (int row = 0; row < tile_n; ++row)
            for (int byte = 0; byte < kImagesDepth; ++byte) {
              // The swizzle XORs the 16-byte chunk with the row, counted in spans of 128 bytes.
              const int at = byte ^ (row / 2 % 4 << 4);
              const int c = block * kImagesDepth + at / 32 * 32 + images_depth_channel(at % 32);
              packed.push_back(value(tile * tile_n + images_output_channel(row), c, r, s));
            }
  return packed;
}

Verdict check_images_conv(const Problem& problem, const ImagesTile& tile) {
  if (const Verdict verdict = check_im2col_conv(problem, ChannelRuns::words_of_images); !verdict)
    return verdict;
  const ConvGeometry g = conv_geometry(problem);
  if (g.n % 4 != 0)
    return Verdict::refuse("the copy engine takes images by fours, and the batch is no multiple");
  const Ring ring(g, tile, images_spans(g.ow, g.n, tile.spans()), problem.has_input(3));
  if (ring.columns > 256 || ring.stages < 2)
    return Verdict::refuse("two stages of a filter row do not fit in shared memory");
  return Verdict::accept();
}

ImagesParams images_params(const Problem& problem, const Epilogue& epilogue,
                           const ImagesTile& tile) {
  const ConvGeometry g = conv_geometry(problem);
  ImagesParams p{};
  p.conv = wgmma_params(problem, epilogue, wgmma_tile(tile));
  p.conv.k_tiles = g.r * p.conv.c_blocks;
  p.spans = images_spans(g.ow, g.n, tile.spans());
  const Ring ring(g, tile, p.spans, problem.has_input(3));
  p.tiles_h = g.oh;
  p.tiles_w = divided_up(g.ow, p.spans.columns);
  p.tiles_n = divided_up(g.n, p.spans.blocks * kSpanImages);
  p.loaded_columns = ring.columns;
  p.tap_bytes = g.dilation_w * kPixelBytes;
  p.span_bytes = ring.columns * kPixelBytes;
  p.x_bytes = ring.x_bytes;
  p.stage_bytes = ring.stage_bytes;
  p.conv.resident = ring.memory.resident;
  set_ring(p.conv, ring.stages, tile.teams);
  p.conv.shared_bytes = ring.memory.fixed_bytes + ring.stages * ring.stage_bytes;
  return p;
}

double estimate_images_conv(const Problem& problem, const ImagesTile& tile, int multiprocessors) {
  // Microseconds, and amounts a microsecond and SM.
  constexpr double kLaunch = 2.5, kTileStart = 0.4, kProducts = 6.0e6, kLoads = 1.0e5;
  constexpr double kMemory = 9.43e6 / 132, kOutputs = 2.0e4, kResidualOutputs = 1.0e4;
  const ConvGeometry g = conv_geometry(problem);
  const ImagesSpans spans = images_spans(g.ow, g.n, tile.spans());
  const Ring ring(g, tile, spans, problem.has_input(3));
  const double tiles = static_cast<double>(g.oh) * divided_up(g.ow, spans.columns) *
                       divided_up(g.n, spans.blocks * kSpanImages) * divided_up(g.k, tile.n);
  const double stages = static_cast<double>(g.r) * divided_up(g.c, kImagesDepth);
  const double area = static_cast<double>(tile.m) * tile.n;
  const double products = kTileStart + stages * std::max(area * g.s * kImagesDepth / kProducts,
                                                         ring.stage_bytes / kLoads);
  const double outputs = area / (problem.has_input(3) ? kResidualOutputs : kOutputs);
  const double rounds = std::ceil(tiles / multiprocessors);
  const double busy =
      tile.teams > 1 ? rounds * std::max(products, outputs) : rounds * (products + outputs / 2);
  const double maps = static_cast<double>(g.n) * g.h * g.w * g.c +
                      static_cast<double>(g.n) * g.oh * g.ow * g.k * (problem.has_input(3) ? 2 : 1);
  return kLaunch + std::hypot(busy, maps / (kMemory * multiprocessors)) + outputs;
}

}  // namespace octet::cuda
