#include "backends/cuda/conv/mma/plan.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "backends/cuda/common/epilogue_upload.hpp"
#include "ops/conv.hpp"

namespace octet::cuda {
namespace {

bool is_byte(const TensorType& type) { return type.dtype == DType::s8 || type.dtype == DType::u8; }

int padded_channels(const TensorType& type) {
  const int vector = type.layout.vector;
  return (static_cast<int>(type.shape[1]) + vector - 1) / vector * vector;
}

Verdict check_types(const Problem& problem) {
  const TensorType& x = problem.inputs[0];
  const TensorType& y = problem.outputs[0];
  if (!x.is_quantised() || !is_byte(x)) return Verdict::refuse("the input is not 8-bit quantised");
  if (const Verdict filter = check_symmetric_filter(problem); !filter) return filter;
  if (problem.as<Conv2d>()->groups != 1) return Verdict::refuse("the convolution is grouped");
  if (problem.has_input(2) && problem.constants[2] == nullptr)
    return Verdict::refuse("the bias is not a constant");
  if (problem.has_input(3)) {
    const TensorType& z = problem.inputs[3];
    if (!is_byte(z) || !z.is_quantised()) return Verdict::refuse("z is not 8-bit quantised");
    if (!(z.layout == y.layout)) return Verdict::refuse("z and the output differ in layout");
  }
  const auto& op = *problem.as<Conv2d>();
  if (!same_bits_on_device(op.activation) || !same_bits_on_device(op.mid_activation))
    return Verdict::refuse("the activation's bits differ between devices");
  if (!is_byte(y) && y.dtype != DType::s32 && y.dtype != DType::f32)
    return Verdict::refuse("the output is neither 8-bit, s32 nor f32");
  return Verdict::accept();
}

Verdict check_sizes(const Problem& problem) {
  constexpr auto kMost = static_cast<std::int64_t>(std::numeric_limits<int>::max());
  for (const TensorType* type : {&problem.inputs[0], &problem.outputs[0]})
    if (type->physical_elements() > kMost)
      return Verdict::refuse("a value has more than 2^31 elements");
  const Window2d& window = problem.as<Conv2d>()->window;
  const Shape& w = problem.inputs[1].shape;
  for (const std::int64_t reach :
       {(w[2] - 1) * window.dilation[0], (w[3] - 1) * window.dilation[1]})
    if (reach >= kOutside) return Verdict::refuse("the filter reaches over 16384 rows or columns");
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

std::vector<std::int8_t> pack_filter(const Filter& filter, const TensorType& x, Loader loader,
                                     int tile_n, int oc_memory) {
  const int channels = padded_channels(x);
  const int depth = filter.r * filter.s * channels;
  const int k_tiles = (depth + kGemmK - 1) / kGemmK;
  const int n_tiles = (oc_memory + tile_n - 1) / tile_n;
  static_cast<void>(loader);
  std::vector<std::int8_t> packed(static_cast<std::size_t>(n_tiles) *
                                  static_cast<std::size_t>(k_tiles) *
                                  static_cast<std::size_t>(tile_n * kGemmK));
  for (int k = 0; k < filter.k; ++k)
    for (int r = 0; r < filter.r; ++r)
      for (int s = 0; s < filter.s; ++s)
        for (int c = 0; c < filter.c; ++c) {
          const int depth_at = (r * filter.s + s) * channels + c;
          const int row = k % tile_n, chunk = depth_at % kGemmK / 16;
          const std::size_t tile =
              static_cast<std::size_t>(k / tile_n) * static_cast<std::size_t>(k_tiles) +
              static_cast<std::size_t>(depth_at / kGemmK);
          const std::size_t inside = static_cast<std::size_t>(
              row * kGemmK + ((chunk ^ (row >> 1 & 3)) << 4) + depth_at % 16);
          packed[tile * static_cast<std::size_t>(tile_n * kGemmK) + inside] = filter.at(k, c, r, s);
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
  p.batch_inner = y.layout == kCHWN4;
  p.x = strides_of(x);
  p.y = strides_of(y);
  p.pad_word = static_cast<unsigned>(x.quant->zero_point() & 0xff) * 0x01010101u;
  const bool pixels = y.layout == kNHWC || y.layout == kNHWC4;
  if (y.layout.vector % 16 == 0 || (pixels && g.k % 16 == 0)) p.y_granule = 16;
  else p.y_granule = y.layout.vector == 4 || (pixels && g.k % 4 == 0) ? 4 : 1;
  p.z_unsigned = problem.has_input(3) && problem.inputs[3].dtype == DType::u8;
  p.sum_output = y.dtype == DType::s32;
  return p;
}

double estimate_implicit_gemm(const Problem& problem, const GemmTile& tile, int multiprocessors) {
  // Per SM and microsecond at 1.7 GHz: products that mma.sync reaches, and bytes from L2.
  constexpr double kProductsPerMicrosecond = 4.5e6, kBytesPerMicrosecond = 3.2e4;
  const Shape& w = problem.inputs[1].shape;
  const Shape& y = problem.outputs[0].shape;
  const double m = static_cast<double>(y[0] * y[2] * y[3]);
  const double depth = static_cast<double>(w[2] * w[3] * padded_channels(problem.inputs[0]));
  const double blocks = std::ceil(m / tile.m) * std::ceil(static_cast<double>(y[1]) / tile.n);
  const double products = tile.m * static_cast<double>(tile.n) * depth / kProductsPerMicrosecond;
  const double traffic = (tile.m + tile.n) * depth / kBytesPerMicrosecond;
  // Two blocks share an SM; a block that is alone hides less of its latency.
  const double waves = std::max(1.0, blocks / (2.0 * multiprocessors));
  return 3.0 + 2.0 * std::ceil(waves) * std::max(products, traffic);
}

}  // namespace octet::cuda
