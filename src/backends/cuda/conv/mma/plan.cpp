#include "backends/cuda/conv/mma/plan.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "backends/cuda/conv/operand_checks.hpp"
#include "ops/conv.hpp"
#include "ops/product.hpp"

namespace octet::cuda {
namespace {

int padded_channels(const TensorType& type) {
  const int vector = type.layout.vector;
  return (static_cast<int>(type.shape[1]) + vector - 1) / vector * vector;
}

Verdict check_types(const Problem& problem) {
  const TensorType& x = problem.inputs[0];
  const TensorType& y = problem.outputs[0];
  if (!is_quantised_byte(x)) return Verdict::refuse("the input is not 8-bit quantised");
  if (const Verdict filter = check_symmetric_filter(problem); !filter) return filter;
  if (problem.as<Conv2d>()->groups != 1) return Verdict::refuse("the convolution is grouped");
  if (const Verdict operands = check_conv_operands(problem, *problem.as<Conv2d>()); !operands)
    return operands;
  if (!is_byte(y.dtype) && y.dtype != DType::s32 && y.dtype != DType::f32)
    return Verdict::refuse("the output is neither 8-bit, s32 nor f32");
  return Verdict::accept();
}

Verdict check_sizes(const Problem& problem) {
  if (const Verdict counts = check_element_counts(problem); !counts) return counts;
  const Window2d& window = problem.as<Conv2d>()->window;
  const Shape& w = problem.inputs[1].shape;
  for (const std::int64_t reach :
       {(w[2] - 1) * window.dilation[0], (w[3] - 1) * window.dilation[1]})
    if (reach >= kOutside) return Verdict::refuse("the filter reaches over 16384 rows or columns");
  for (const std::size_t axis : {std::size_t{2}, std::size_t{3}})
    if (problem.inputs[0].shape[axis] + window.pad[axis - 2] + window.pad[axis] >= kOutside)
      return Verdict::refuse("the image has over 16384 rows or columns");
  return Verdict::accept();
}

}  // namespace

std::optional<Loader> loader_for(const TensorType& x) {
  const bool pixels_of_16 = x.layout == kNHWC || x.layout == kNHWC4;
  if (x.layout.vector % 16 == 0 || (pixels_of_16 && x.shape[1] % 16 == 0)) return Loader::chunk;
  if (x.layout.vector == 4)
    return x.layout == kCHWN4 && x.shape[0] % 4 == 0 ? Loader::images : Loader::word;
  return std::nullopt;
}

Verdict check_implicit_gemm(const Problem& problem) {
  if (const Verdict types = check_types(problem); !types) return types;
  if (!loader_for(problem.inputs[0]))
    return Verdict::refuse("the layout " + to_string(problem.inputs[0].layout) +
                           " has fewer than 4 channels side by side");
  if ((problem.inputs[0].layout == kCHWN4) != (problem.outputs[0].layout == kCHWN4))
    return Verdict::refuse("CHWN4 is on one side only");
  return check_sizes(problem);
}

int bytes_per_piece(Loader loader) { return loader == Loader::chunk ? 16 : 4; }

std::vector<KEntry> k_table(const Problem& problem, Loader loader) {
  const Strides x = strides_of(problem.inputs[0]);
  const Window2d& window = problem.as<Conv2d>()->window;
  const Shape& w = problem.inputs[1].shape;
  const int piece = bytes_per_piece(loader), channels = padded_channels(problem.inputs[0]);
  std::vector<KEntry> table;
  for (std::int64_t r = 0; r < w[2]; ++r)
    for (std::int64_t s = 0; s < w[3]; ++s)
      for (int c = 0; c < channels; c += piece) {
        const std::int64_t dh = r * window.dilation[0], dw = s * window.dilation[1];
        const std::int64_t offset = c / x.vector * x.c + c % x.vector + dh * x.h + dw * x.w;
        table.push_back({static_cast<int>(offset), static_cast<short>(dh), static_cast<short>(dw)});
      }
  while (table.size() % static_cast<std::size_t>(kGemmK / piece) != 0)
    table.push_back({0, kOutside, 0});
  return table;
}

int channel_of_row(const GemmTile& tile, int row) {
  const int warp_n = tile.n / tile.warps_n, inside = row % warp_n;
  return row - inside + inside % 8 / 2 * tile.run() + inside / 8 * 2 + inside % 2;
}

std::vector<std::int8_t> pack_filter(const Filter& filter, const TensorType& x,
                                     const GemmTile& tile, int oc_memory) {
  const int channels = padded_channels(x);
  const int k_tiles = (filter.r * filter.s * channels + kGemmK - 1) / kGemmK;
  const int n_tiles = (oc_memory + tile.n - 1) / tile.n;
  const auto tile_bytes = static_cast<std::size_t>(tile.n * kGemmK);
  std::vector<std::int8_t> packed(static_cast<std::size_t>(n_tiles * k_tiles) * tile_bytes);
  for (int row = 0; row < n_tiles * tile.n; ++row) {
    const int inside = row % tile.n, k = row - inside + channel_of_row(tile, inside);
    if (k >= filter.k) continue;
    for (int tap = 0; tap < filter.r * filter.s; ++tap)
      for (int c = 0; c < filter.c; ++c) {
        const int depth = tap * channels + c, chunk = depth % kGemmK / 16;
        const auto at = static_cast<std::size_t>(row / tile.n * k_tiles + depth / kGemmK);
        const int offset = inside * kGemmK + ((chunk ^ (inside >> 1 & 3)) << 4) + depth % 16;
        packed[at * tile_bytes + static_cast<std::size_t>(offset)] =
            filter.at(k, c, tap / filter.s, tap % filter.s);
      }
  }
  return packed;
}

ImplicitGemmParams implicit_gemm_params(const Problem& problem, Loader loader) {
  const ConvGeometry g = conv_geometry(problem);
  const TensorType& x = problem.inputs[0];
  const TensorType& y = problem.outputs[0];
  ImplicitGemmParams p{};
  p.m = g.n * g.oh * g.ow;
  p.k_tiles = static_cast<int>(k_table(problem, loader).size()) * bytes_per_piece(loader) / kGemmK;
  p.n = g.n;
  p.h = g.h;
  p.w = g.w;
  p.oh = g.oh;
  p.ow = g.ow;
  p.oc = g.k;
  p.oc_memory = padded_channels(y);
  p.stride_h = g.stride_h;
  p.stride_w = g.stride_w;
  p.pad_top = g.pad_top;
  p.pad_left = g.pad_left;
  constexpr int kImages = 32;  // 128 bytes of one pixel and word
  p.inner = y.layout == kCHWN4 ? (g.n % kImages == 0 ? kImages : g.n) : 1;
  p.x = strides_of(x);
  p.y = strides_of(y);
  p.y_shift = std::countr_zero(static_cast<unsigned>(y.layout.vector));
  p.y_plane = static_cast<int>(p.y.c);
  p.pad_word = static_cast<unsigned>(x.quant->zero_point() & 0xff) * 0x01010101u;
  const bool pixels = y.layout == kNHWC || y.layout == kNHWC4;
  if (y.layout.vector % 16 == 0 || (pixels && g.k % 16 == 0)) p.y_granule = 16;
  else p.y_granule = y.layout.vector == 4 || (pixels && g.k % 4 == 0) ? 4 : 1;
  p.z_unsigned = problem.has_input(3) && problem.inputs[3].dtype == DType::u8;
  p.sum_output = y.dtype == DType::s32;
  return p;
}

Verdict check_gemm_tile(const Problem& problem, const GemmTile& tile, int multiprocessors) {
  if (tile.split == 1) return Verdict::accept();
  const ConvGeometry g = conv_geometry(problem);
  if (divided_up(g.r * g.s * padded_channels(problem.inputs[0]), kGemmK) < tile.split)
    return Verdict::refuse("the sums are too short to be split");
  const std::int64_t pixels = problem.outputs[0].shape[0] * g.oh * g.ow;
  const std::int64_t tiles = (pixels + tile.m - 1) / tile.m * divided_up(g.k, tile.n);
  if (tiles * tile.split > 4 * multiprocessors)
    return Verdict::refuse("there are enough tiles without splitting sums");
  return Verdict::accept();
}

std::size_t gemm_parts_bytes(const ImplicitGemmParams& params, const GemmTile& tile) {
  if (tile.split == 1) return 0;
  const auto size = [](int count, int part) {
    return static_cast<std::size_t>(divided_up(count, part) * part);
  };
  return static_cast<std::size_t>(tile.split) * size(params.m, tile.m) *
         size(params.oc_memory, tile.n) * sizeof(int);
}

double estimate_implicit_gemm(const Problem& problem, const GemmTile& tile, int multiprocessors) {
  // Fitted to the rows of bench/results/conv_layers_h200.json. Per SM and microsecond: products
  // that mma.sync reaches with warp tiles of 64 x 64, outputs through the epilogue, residuals read.
  constexpr double kLaunch = 1.55, kProducts = 2.73e6, kOutputs = 6.73e3, kResiduals = 1.22e4;
  // Copies of single words take more of the SM's time than copies of 16 bytes.
  const double words = *loader_for(problem.inputs[0]) == Loader::word ? 1.78 : 1.0;
  const Shape& w = problem.inputs[1].shape;
  const Shape& y = problem.outputs[0].shape;
  const double m = static_cast<double>(y[0] * y[2] * y[3]);
  const double depth = static_cast<double>(w[2] * w[3] * padded_channels(problem.inputs[0]));
  const double blocks = std::ceil(m / tile.m) * std::ceil(static_cast<double>(y[1]) / tile.n);
  // Shared memory serves the fragments of a warp: the smaller its tile, the fewer products a byte.
  const double warp_m = static_cast<double>(tile.m) / tile.warps_m;
  const double warp_n = static_cast<double>(tile.n) / tile.warps_n;
  const double share = std::min(1.0, 2.0 * warp_m * warp_n / (warp_m + warp_n) / 64.0);
  const double rate = kProducts / words * std::pow(share, 0.7);
  const double area = tile.m * static_cast<double>(tile.n);
  const double outputs = 1.0 / kOutputs + (problem.has_input(3) ? 1.0 / kResiduals : 0.0);
  // Blocks that share an SM; whole rounds of them.
  const double resident = warp_m * warp_n > 2048 ? 256.0 / tile.threads() : 512.0 / tile.threads();
  const auto rounds = [&](double count) {
    return std::ceil(count / (resident * multiprocessors)) * resident;
  };
  if (tile.split == 1) return kLaunch + rounds(blocks) * area * (depth / rate + outputs);
  // Not measured: a part is taken to cost what a residual does, and the second kernel a launch.
  const double parts = area * (depth / tile.split / rate + 1.0 / kResiduals);
  const double finish = area * blocks / multiprocessors * (tile.split / kResiduals + outputs);
  return 2 * kLaunch + rounds(blocks * tile.split) * parts + finish;
}

}  // namespace octet::cuda
