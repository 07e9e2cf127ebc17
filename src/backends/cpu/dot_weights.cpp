#include "backends/cpu/dot_weights.hpp"

#include <algorithm>

namespace octet::cpu {
namespace {

constexpr std::int64_t kQuad = 4;

std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

// Packs one output channel and returns the sum of its weights.
std::int32_t pack_channel(const WeightView& view, const ConvGeometry& shape,
                          const DotWeights& packed, const Panel& panel, int width, std::int64_t k,
                          std::int8_t* to) {
  const std::int64_t lane = (k - panel.first_channel) % width;
  const std::int64_t vector = (k - panel.first_channel) / width;
  const std::int64_t quad_stride = panel.vectors * width * kQuad;
  std::int8_t* const column = to + vector * width * kQuad + lane * kQuad;
  const std::int64_t cs = shape.c_per_group();
  std::int32_t sum = 0;
  for (std::int64_t r = 0; r < shape.r; ++r)
    for (std::int64_t s = 0; s < shape.s; ++s) {
      const std::int64_t run = packed.row_runs ? r : r * shape.s + s;
      const std::int64_t first = packed.row_runs ? s * cs : 0;
      const std::int64_t from = k * view.stride_k + r * view.stride_r + s * view.stride_s;
      std::int8_t* const start = column + run * packed.quads * quad_stride;
      for (std::int64_t c = 0; c < cs; ++c) {
        const std::int64_t byte = first + c;
        const int weight = view.at(from + c * view.stride_c, k);
        start[byte / kQuad * quad_stride + byte % kQuad] = static_cast<std::int8_t>(weight);
        sum += weight;
      }
    }
  return sum;
}

}  // namespace

DotWeights DotWeights::pack(const WeightView& weights, const ConvGeometry& shape,
                            const VectorKernels& kernels) {
  DotWeights packed;
  packed.row_runs = shape.groups == 1 && shape.window.dilation[1] == 1;
  packed.runs = static_cast<int>(packed.row_runs ? shape.r : shape.r * shape.s);
  packed.run_bytes = packed.row_runs ? shape.s * shape.c : shape.c_per_group();
  packed.quads = static_cast<int>(ceil_div(packed.run_bytes, kQuad));
  std::int64_t size = 0;
  for (std::int64_t group = 0; group < shape.groups; ++group)
    for (std::int64_t k = 0; k < shape.k_per_group(); k += kernels.panel_channels()) {
      Panel panel;
      panel.group = group;
      panel.first_channel = group * shape.k_per_group() + k;
      panel.channels = static_cast<int>(
          std::min<std::int64_t>(kernels.panel_channels(), shape.k_per_group() - k));
      panel.vectors = static_cast<int>(ceil_div(panel.channels, kernels.width));
      panel.weights = size;
      size += packed.runs * std::int64_t{packed.quads} * panel.vectors * kernels.width * kQuad;
      packed.panels.push_back(panel);
    }
  packed.bytes = Tensor(TensorType{DType::s8, Shape{size}, kNCHW, std::nullopt});
  auto* const to = packed.bytes.mutable_values<std::int8_t>().data();
  for (const Panel& panel : packed.panels)
    for (std::int64_t k = panel.first_channel; k < panel.first_channel + panel.channels; ++k)
      packed.sums.push_back(
          pack_channel(weights, shape, packed, panel, kernels.width, k, to + panel.weights));
  return packed;
}

std::vector<std::ptrdiff_t> DotWeights::run_offsets(const ConvGeometry& shape,
                                                    std::int64_t row_bytes) const {
  std::vector<std::ptrdiff_t> offsets;
  for (std::int64_t r = 0; r < shape.r; ++r) {
    const std::int64_t row = r * shape.window.dilation[0] * row_bytes;
    if (row_runs) {
      offsets.push_back(row);
      continue;
    }
    for (std::int64_t s = 0; s < shape.s; ++s)
      offsets.push_back(row + s * shape.window.dilation[1] * shape.c);
  }
  return offsets;
}

}  // namespace octet::cpu
