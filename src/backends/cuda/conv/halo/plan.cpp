#include "backends/cuda/conv/halo/plan.hpp"

#include <algorithm>
#include <cmath>

#include "backends/cuda/conv/geometry.hpp"
#include "ops/conv.hpp"

namespace octet::cuda {
namespace {

constexpr int kAlignment = 1024;  // of what is swizzled
constexpr int kMostStages = 5;

constexpr int aligned(int bytes) { return aligned_up(bytes, kAlignment); }

bool has_window(const Problem& problem, const HaloWindow& wanted) {
  const Window2d& window = problem.as<Conv2d>()->window;
  const Shape& w = problem.inputs[1].shape;
  const auto all = [](const auto& values, std::int64_t value) {
    return std::all_of(values.begin(), values.end(), [&](auto v) { return v == value; });
  };
  return w[2] == wanted.size && w[3] == wanted.size && all(window.stride, wanted.stride) &&
         all(window.dilation, 1) && all(window.pad, wanted.pad());
}

std::string name_of(const HaloWindow& window) {
  const std::string size = std::to_string(window.size);
  return size + "x" + size + " of stride " + std::to_string(window.stride) +
         ", dilation 1 and padding " + std::to_string(window.pad());
}

// The products of the last positions reach beyond the loaded pixels: those sums are thrown away,
// but the bytes must be there to be read.
int plane_bytes(const HaloTile& tile, const HaloShape& shape, ChannelRuns runs) {
  const int loaded = tile.padded_rows() * tile.padded_columns();
  const int read = shape.positions + tile.reach * (tile.padded_columns() + 1);
  return aligned(std::max(loaded, read) * halo_span(shape, runs));
}

int stage_bytes(const HaloTile& tile, const HaloShape& shape, ChannelRuns runs) {
  return shape.window.parities() * (shape.channels / halo_span(shape, runs)) *
         plane_bytes(tile, shape, runs);
}

// All but the ring.
int fixed_bytes(const HaloShape& shape, WgmmaZ z, int slot_bytes) {
  return kAlignment + shape.filter_bytes() + shape.consumers * wgmma_slots(z) * slot_bytes +
         4 * shape.places() + 8 * halo_barriers(shape, z, kMostStages);
}

int slot_plane_bytes(const HaloTile& tile, ChannelRuns runs) {
  return aligned((tile.rows * tile.columns + 8) * halo_slot_span(runs));
}
int slot_bytes(const HaloTile& tile, ChannelRuns runs) {
  return 64 / halo_slot_span(runs) * slot_plane_bytes(tile, runs);
}

int stages_of(const HaloTile& tile, const HaloShape& shape, ChannelRuns runs, WgmmaZ z) {
  return std::min(kMostStages, (kMostSharedMemory - fixed_bytes(shape, z, slot_bytes(tile, runs))) /
                                   stage_bytes(tile, shape, runs));
}

int planes_of(const TensorType& map, ChannelRuns runs) {
  return runs == ChannelRuns::all ? 1 : static_cast<int>(map.shape[1] / 32);
}

int extent(const Shape& shape, std::size_t axis) { return static_cast<int>(shape[axis]); }

}  // namespace

HaloTile halo_tile(int h, int w, const HaloShape& shape) {
  const int reach = shape.window.reach();
  const int longest = 256 / shape.window.stride - reach;  // the copy engine's boxes end at 256
  HaloTile best{0, 0, reach};
  long long fewest = 0;
  for (int columns = 1; columns <= std::min({w, shape.positions, longest}); ++columns) {
    const int rows = std::min({h, (shape.positions + reach) / (columns + reach), longest});
    if (rows < 1) break;
    const long long tiles = static_cast<long long>(divided_up(h, rows)) *
                            static_cast<long long>(divided_up(w, columns));
    // Of equally many the widest: its rows are the longest runs of memory.
    if (fewest == 0 || tiles <= fewest) {
      fewest = tiles;
      best = {rows, columns, reach};
    }
  }
  // No more rows and columns than an even share.
  return {divided_up(h, divided_up(h, best.rows)), divided_up(w, divided_up(w, best.columns)),
          reach};
}

namespace {

HaloTile tile_of(const Problem& problem, const HaloShape& shape) {
  const Shape& y = problem.outputs[0].shape;
  return halo_tile(extent(y, 2), extent(y, 3), shape);
}

// Whether another shape does the same with less.
bool is_too_large(const HaloShape& shape, int channels) {
  return std::any_of(std::begin(kHaloShapes), std::end(kHaloShapes), [&](const HaloShape& other) {
    return other.window == shape.window && other.channels < shape.channels &&
           other.channels >= channels;
  });
}

}  // namespace

Verdict check_halo_conv(const Problem& problem, const HaloShape& shape, ChannelRuns runs) {
  if (const Verdict verdict = check_im2col_conv(problem, runs); !verdict) return verdict;
  if (!has_window(problem, shape.window))
    return Verdict::refuse("it is not " + name_of(shape.window));
  const int channels = extent(problem.inputs[0].shape, 1);
  if (channels > shape.channels)
    return Verdict::refuse("the filter of over " + std::to_string(shape.channels) +
                           " channels does not stay on chip");
  if (is_too_large(shape, channels)) return Verdict::refuse("a kernel for fewer channels does it");
  if (stages_of(tile_of(problem, shape), shape, runs, wgmma_form(problem)->z) < 1)
    return Verdict::refuse("no tile of the map fits in shared memory");
  return Verdict::accept();
}

std::vector<std::int8_t> pack_halo_filter(const Filter& filter, const HaloShape& shape) {
  const int channels = shape.channels, taps = shape.window.taps(), size = shape.window.size;
  const int blocks = divided_up(filter.k, 64), span = channels / 16;
  std::vector<std::int8_t> packed(static_cast<std::size_t>(blocks * shape.filter_bytes()));
  for (int block = 0; block < blocks; ++block)
    for (int row = 0; row < 64; ++row) {
      const int of_warp = row % 16, k = block * 64 + row / 16 * 16 + of_warp % 8 * 2 + of_warp / 8;
      if (k >= filter.k) continue;
      // The swizzle XORs the chunk with the row, counted in spans of 128 bytes.
      const int flip = row / (8 / span) % span;
      for (int tap = 0; tap < taps; ++tap)
        for (int c = 0; c < filter.c; ++c) {
          const auto base = static_cast<std::size_t>((block * taps + tap) * 64 + row) *
                            static_cast<std::size_t>(channels);
          packed[base + static_cast<std::size_t>(((c / 16 ^ flip) << 4) + c % 16)] =
              filter.at(k, c, tap / size, tap % size);
        }
    }
  return packed;
}

HaloParams halo_params(const Problem& problem, const Epilogue& epilogue, const HaloShape& shape,
                       ChannelRuns runs, WgmmaZ z) {
  const Shape& y = problem.outputs[0].shape;
  HaloParams p{};
  p.conv = wgmma_params(problem, epilogue, {shape.positions, 64, shape.channels, 1, 1});
  p.images = extent(y, 0);
  p.tile = tile_of(problem, shape);
  p.tiles_h = divided_up(extent(y, 2), p.tile.rows);
  p.tiles_w = divided_up(extent(y, 3), p.tile.columns);
  p.blocks = divided_up(extent(y, 1), 64);
  p.x_planes = planes_of(problem.inputs[0], runs);
  p.y_planes = planes_of(problem.outputs[0], runs);
  p.loaded_bytes = p.tile.padded_rows() * p.tile.padded_columns() * halo_span(shape, runs);
  p.plane_bytes = plane_bytes(p.tile, shape, runs);
  p.stage_bytes = stage_bytes(p.tile, shape, runs);
  p.slot_plane_bytes = slot_plane_bytes(p.tile, runs);
  p.slot_bytes = slot_bytes(p.tile, runs);
  p.stages = stages_of(p.tile, shape, runs, z);
  p.shared_bytes = fixed_bytes(shape, z, p.slot_bytes) + p.stages * p.stage_bytes;
  return p;
}

double estimate_halo_conv(const Problem& problem, const HaloShape& shape, int multiprocessors) {
  // Fitted to an H200: products at a wgmma of 64 x 2 x 32 a clock and 1.85 GHz, and what remains of
  // the epilogue under them, per output.
  constexpr double kProducts = 64.0 * 2 * 32 * 1850, kStart = 2.5;
  const WgmmaForm form = *wgmma_form(problem);
  const double output = (form.z == WgmmaZ::none ? 32e-6 : 70e-6) * (form.plain ? 1.0 : 1.5);
  const Shape& y = problem.outputs[0].shape;
  const HaloTile tile = tile_of(problem, shape);
  const int tiles =
      extent(y, 0) * divided_up(extent(y, 2), tile.rows) * divided_up(extent(y, 3), tile.columns);
  const int each = multiprocessors / divided_up(extent(y, 1), 64);
  // Four planes leave room for few stages, so that products wait.
  const double waits = shape.window.stride > 1 ? 1.12 : 1.0;
  const double sums = 64.0 * shape.positions;
  return kStart +
         divided_up(tiles, std::max(each, 1)) *
             (sums * shape.window.taps() * shape.channels * waits / kProducts + sums * output);
}

}  // namespace octet::cuda
