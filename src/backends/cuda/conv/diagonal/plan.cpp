#include "backends/cuda/conv/diagonal/plan.hpp"

#include <algorithm>
#include <optional>

#include "backends/cuda/common/layouts.hpp"
#include "backends/cuda/conv/geometry.hpp"
#include "backends/cuda/conv/operand_checks.hpp"
#include "backends/cuda/conv/wgmma/plan.hpp"
#include "ops/conv.hpp"
#include "ops/product.hpp"

namespace octet::cuda {
namespace {

// Tiles of over so many bytes leave too little room for other blocks.
constexpr int kMostBuffer = 48 * 1024;

Verdict check_window(const Problem& problem, const DiagonalShape& shape) {
  const Window2d& window = problem.as<Conv2d>()->window;
  const Shape& w = problem.inputs[1].shape;
  if (w[2] != shape.r || w[3] != shape.s || window.stride[0] != shape.stride ||
      window.stride[1] != shape.stride)
    return Verdict::refuse("filter or stride are of another size");
  if (window.dilation[0] != 1 || window.dilation[1] != 1)
    return Verdict::refuse("the filter is dilated");
  const bool padded =
      std::any_of(window.pad.begin(), window.pad.end(), [](auto v) { return v != 0; });
  if (padded && problem.inputs[0].quant->zero_point() != 0)
    return Verdict::refuse("its copies pad with 0, and the input's zero point is another");
  return Verdict::accept();
}

Verdict check_map(const TensorType& type, const std::string& what) {
  if (!is_quantised_byte(type)) return Verdict::refuse(what + " is not 8-bit quantised");
  if (!is_nhwc(type)) return Verdict::refuse(what + " is in " + to_string(type.layout));
  if (type.shape[1] % kDiagonalGroup != 0)
    return Verdict::refuse(what + "'s channels are not a multiple of 16");
  return Verdict::accept();
}

// Of a tile of so many images or rows.
void place_tile(DiagonalParams& p, const DiagonalShape& shape, int tile_images, int rows) {
  p.tile_images = tile_images;
  p.rows = rows;
  p.lines = (rows - 1) * shape.stride + shape.r;
  p.tiles_of_image = divided_up(p.oh, rows);
  p.tiles = divided_up(p.images, tile_images) * p.tiles_of_image;
  // Half of the banks further on for the other group, which is read and written at the same time.
  const auto plane = [](int pixels) { return divided_up(pixels, 8) * 128 + 64; };
  p.plane_bytes = plane(tile_images * p.lines * p.pitch);
  p.buffer_bytes = kDiagonalGroups * p.plane_bytes;
  const int positions =
      divided_up(tile_images * rows * p.ow, kDiagonalPositions) * kDiagonalPositions;
  p.slot_plane_bytes = plane(positions);
  p.positions_bytes = 4 * positions;
  const bool whole = p.tiles_of_image == 1;
  p.first_listed = whole ? p.pad_top : 0;
  p.of_listed = Divisor(whole ? std::min(p.h, p.lines - p.pad_top) : p.lines);
  p.of_width = Divisor(std::min(p.w, p.pitch - p.pad_left));
  p.of_row = Divisor(p.ow);
  p.of_image = Divisor(rows * p.ow);
  p.copies = tile_images * p.of_listed.value * p.of_width.value;
  p.shared_bytes =
      2 * p.buffer_bytes + kDiagonalGroups * p.slot_plane_bytes + p.positions_bytes + 8 * p.copies;
}

// Whether the tables' numbers hold a tile: 16 bits are divided, lines have 8 bits and distances 24.
bool is_listed(const DiagonalParams& p) {
  const long long distance =
      (static_cast<long long>(p.tile_images - 1) * p.h + p.lines) * p.w * p.channels;
  return p.tile_images * p.of_image.value < 1 << 16 && p.copies < 1 << 16 &&
         p.tile_images * p.lines < 1 << 8 && distance < 1 << 24;
}

DiagonalParams sizes_of(const Problem& problem, const DiagonalShape& shape) {
  const ConvGeometry g = conv_geometry(problem);
  DiagonalParams p{};
  p.channels = g.c;
  p.images = g.n;
  p.h = g.h;
  p.w = g.w;
  p.oh = g.oh;
  p.ow = g.ow;
  p.pad_top = g.pad_top;
  p.pad_left = g.pad_left;
  p.pitch = (g.ow - 1) * shape.stride + shape.s;
  p.chunks = divided_up(g.c, kDiagonalChunk);
  return p;
}

struct Share {
  int blocks;
  double unit_rounds;
};

Share share_out(const DiagonalParams& p, const DiagonalShape& shape, const DiagonalDevice& device) {
  const int resident =
      std::clamp(device.shared_bytes / (p.shared_bytes + 1024), 1, kDiagonalBlocks);
  const int all = p.tiles * p.chunks, rounds = divided_up(all, device.multiprocessors * resident);
  const int blocks = divided_up(all, rounds);
  // What a warp has in work takes it longer than its share of the issued instructions; a round also
  // waits for its barriers.
  constexpr double kLatency = 1.5, kWait = 3.0;
  const int rounds_of_units = divided_up(p.tile_images * p.of_image.value, kDiagonalPositions);
  const int side_by_side = std::min(resident, divided_up(blocks, device.multiprocessors));
  return {blocks,
          rounds * (kDiagonalAtOnce * rounds_of_units * std::max<double>(side_by_side, kLatency) +
                    kWait * shape.stride)};
}

// The tile with which a multiprocessor is done first.
std::optional<Share> cut_tiles(DiagonalParams& p, const DiagonalShape& shape,
                               const DiagonalDevice& device) {
  std::optional<Share> best;
  int images = 0, rows = 0;
  const auto consider = [&](int tile_images, int tile_rows) {
    place_tile(p, shape, tile_images, tile_rows);
    if (p.buffer_bytes > kMostBuffer || p.shared_bytes > device.shared_bytes || !is_listed(p))
      return false;
    const Share share = share_out(p, shape, device);
    if (!best || share.unit_rounds < best->unit_rounds) {
      best = share;
      images = tile_images;
      rows = tile_rows;
    }
    return true;
  };
  for (int tile_rows = 1; tile_rows <= p.oh; ++tile_rows)
    if (!consider(1, tile_rows)) break;
  for (int tile_images = 2; tile_images <= p.images; ++tile_images)
    if (!consider(tile_images, p.oh)) break;
  if (best) place_tile(p, shape, images, rows);
  return best;
}

}  // namespace

Verdict check_diagonal(const Problem& problem, const DiagonalShape& shape,
                       const DiagonalDevice& device) {
  const auto& op = *problem.as<Conv2d>();
  const std::int64_t channels = problem.inputs[0].shape[1];
  if (op.groups != channels || problem.inputs[1].shape[0] != channels)
    return Verdict::refuse("the convolution is not depthwise");
  for (const Verdict& verdict :
       {check_map(problem.inputs[0], "the input"), check_map(problem.outputs[0], "the output"),
        check_window(problem, shape), check_symmetric_filter(problem), check_constant_bias(problem),
        check_element_counts(problem)})
    if (!verdict) return verdict;
  if (problem.has_input(3)) return Verdict::refuse("there is a z");
  const auto form = wgmma_form(problem);
  if (!form || form->rule == WgmmaRule::scaled_bias ||
      (form->rule == WgmmaRule::integer_bias && form->x_unsigned))
    return Verdict::refuse("this epilogue is not compiled for this input type");
  DiagonalParams p = sizes_of(problem, shape);
  if (!cut_tiles(p, shape, device))
    return Verdict::refuse("no row of the map fits in shared memory");
  return Verdict::accept();
}

std::vector<std::int8_t> pack_diagonal_filter(const Filter& filter, const DiagonalShape& shape) {
  constexpr int kStepBytes = 2 * 32 * 8;
  const int groups = filter.k / kDiagonalGroup, steps = shape.steps();
  std::vector<std::int8_t> packed(static_cast<std::size_t>(groups * steps * kStepBytes));
  for (int k = 0; k < filter.k; ++k) {
    const int c = k % kDiagonalGroup, product = c % 4 / 2, column = c / 4 * 2 + c % 2;
    for (int tap = 0; tap < shape.taps(); ++tap) {
      // Of K = 16 * (tap % 2) + c, in the lane of that column.
      const int lane = column * 4 + c / 4;
      const int at = (k / kDiagonalGroup * steps + tap / 2) * kStepBytes +
                     (product * 32 + lane) * 8 + tap % 2 * 4 + c % 4;
      packed[static_cast<std::size_t>(at)] = filter.at(k, 0, tap / shape.s, tap % shape.s);
    }
  }
  return packed;
}

DiagonalPlan diagonal_plan(const Problem& problem, const DiagonalShape& shape,
                           const DiagonalDevice& device) {
  DiagonalParams p = sizes_of(problem, shape);
  const Share share = *cut_tiles(p, shape, device);
  return {p, share.blocks, share.unit_rounds};
}

double estimate_diagonal(const Problem& problem, const DiagonalShape& shape,
                         const DiagonalDevice& device) {
  // Fitted to an H200. Where pixels are no whole sectors two blocks share one, which memory must
  // then read before it is written.
  constexpr double kStart = 2.5, kBytes = 1.9e6, kSharedSectors = 2.3;  // a microsecond
  const double kRound = 0.055 + 0.012 * shape.steps();
  const TensorType& x = problem.inputs[0];
  const double bytes =
      static_cast<double>(x.bytes()) + static_cast<double>(problem.outputs[0].bytes());
  const double moved = bytes * (x.shape[1] % kDiagonalChunk == 0 ? 1.0 : kSharedSectors);
  return kStart +
         std::max(diagonal_plan(problem, shape, device).unit_rounds * kRound, moved / kBytes);
}

}  // namespace octet::cuda
