#include "backends/cuda/conv/gather/plan.hpp"

#include <algorithm>
#include <cmath>

#include "backends/cuda/common/epilogue_upload.hpp"
#include "ops/conv.hpp"

namespace octet::cuda {
namespace {

constexpr int kBlock = 128;  // channels between two rounds over the taps

int channels_in_memory(const TensorType& x) {
  const int vector = x.layout.vector, channels = static_cast<int>(x.shape[1]);
  return (channels + vector - 1) / vector * vector;
}

// Calls each(tap, channel) for every channel of every tap in the order of K.
template <typename Each>
void walk_k(int taps, int channels, int step, Each each) {
  for (int block = 0; block < channels; block += kBlock)
    for (int tap = 0; tap < taps; ++tap)
      for (int c = block; c < std::min(channels, block + kBlock); c += step) each(tap, c);
}

}  // namespace

Verdict check_gather_conv(const Problem& problem) {
  const TensorType& x = problem.inputs[0];
  const TensorType& y = problem.outputs[0];
  if (const Verdict gemm = check_implicit_gemm(problem); !gemm) return gemm;
  if (x.dtype != DType::s8) return Verdict::refuse("the input is unsigned");
  if (!x.quant->is_symmetric()) return Verdict::refuse("the input's zero point is not 0");
  if (y.dtype != DType::s8) return Verdict::refuse("the output is not s8");
  if (problem.has_input(3) && problem.inputs[3].dtype != DType::s8)
    return Verdict::refuse("z is unsigned");
  if (y.layout.vector % 4 != 0 && !(y.layout == kNHWC && y.shape[1] % 4 == 0))
    return Verdict::refuse("the output has fewer than 4 channels side by side");
  if (!is_plain(conv_epilogue(problem, {})))
    return Verdict::refuse(
        "the epilogue is not of symmetric s8 steps with no activation or a ReLU");
  return Verdict::accept();
}

Loader gather_loader(const TensorType& x) {
  return *loader_for(x) == Loader::chunk ? Loader::chunk : Loader::word;
}

std::vector<KEntry> gather_table(const Problem& problem, Loader loader) {
  const Strides x = strides_of(problem.inputs[0]);
  const Window2d& window = problem.as<Conv2d>()->window;
  const Shape& w = problem.inputs[1].shape;
  const int piece = bytes_per_piece(loader), columns = static_cast<int>(w[3]);
  std::vector<KEntry> table;
  walk_k(
      static_cast<int>(w[2]) * columns, channels_in_memory(problem.inputs[0]), piece,
      [&](int tap, int c) {
        const std::int64_t dh = tap / columns * window.dilation[0],
                           dw = tap % columns * window.dilation[1];
        const std::int64_t offset = c / x.vector * x.c + c % x.vector + dh * x.h + dw * x.w;
        table.push_back({static_cast<int>(offset), static_cast<short>(dh), static_cast<short>(dw)});
      });
  while (table.size() % static_cast<std::size_t>(kGatherK / piece) != 0)
    table.push_back({0, kOutside, 0});
  return table;
}

std::vector<std::int8_t> pack_gather_filter(const Filter& filter, const TensorType& x, int tile_n,
                                            int oc_memory) {
  const int channels = channels_in_memory(x), taps = filter.r * filter.s;
  const int stages = (taps * channels + kGatherK - 1) / kGatherK;
  const int n_tiles = (oc_memory + tile_n - 1) / tile_n;
  const auto tile_bytes = static_cast<std::size_t>(tile_n * kGatherK);
  std::vector<std::int8_t> packed(static_cast<std::size_t>(n_tiles * stages) * tile_bytes);
  for (int row = 0; row < n_tiles * tile_n; ++row) {
    const int inside = row % tile_n;
    const int held = inside / 8 * 2 + inside % 2, quarter = inside % 8 / 2;
    const int k = row - inside + held / 16 * 64 + quarter * 16 + held % 16;
    if (k >= filter.k) continue;
    int depth = 0;
    walk_k(taps, channels, 1, [&](int tap, int c) {
      const int chunk = depth % kGatherK / 16, offset = depth % 16;
      const auto tile = static_cast<std::size_t>(row / tile_n * stages + depth / kGatherK);
      ++depth;
      if (c >= filter.c) return;
      packed[tile * tile_bytes +
             static_cast<std::size_t>(inside * kGatherK + ((chunk ^ (inside & 7)) << 4) + offset)] =
          filter.at(k, c, tap / filter.s, tap % filter.s);
    });
  }
  return packed;
}

double estimate_gather_conv(const Problem& problem, int tile_n, int multiprocessors) {
  // Per SM and microsecond: products of wgmma where shared memory also serves the copies, bytes
  // copied (words in four passes), outputs through the epilogue.
  const bool words = gather_loader(problem.inputs[0]) == Loader::word;
  const double kProducts = 3.2e6, kBytes = words ? 2.2e4 : 3.1e4, kOutputs = 1.6e4;
  const Shape& w = problem.inputs[1].shape;
  const Shape& y = problem.outputs[0].shape;
  const double taps = static_cast<double>(w[2] * w[3]);
  const double depth =
      std::ceil(taps * channels_in_memory(problem.inputs[0]) / kGatherK) * kGatherK;
  const double tiles = std::ceil(static_cast<double>(y[0] * y[2] * y[3]) / kGatherM) *
                       std::ceil(static_cast<double>(y[1]) / tile_n);
  const double products = kGatherM * tile_n * depth / kProducts;
  const double gathering = kGatherM * depth / kBytes;
  const double outputs = kGatherM * static_cast<double>(tile_n) / kOutputs;
  const double rounds = std::ceil(tiles / multiprocessors);
  return 3.0 + rounds * std::max({products, gathering, outputs}) + outputs;
}

}  // namespace octet::cuda
