#include "backends/cuda/conv/depthwise/plan.hpp"

#include <algorithm>

#include "backends/cuda/common/layouts.hpp"
#include "backends/cuda/conv/operand_checks.hpp"
#include "ops/conv.hpp"
#include "ops/product.hpp"

namespace octet::cuda {
namespace {

int quads_of(const TensorType& type) {
  const int vector = type.layout.vector, channels = static_cast<int>(type.shape[1]);
  return ((channels + vector - 1) / vector * vector + 3) / 4;
}

}  // namespace

Verdict check_depthwise(const Problem& problem, const DepthwiseTile& tile) {
  const auto& op = *problem.as<Conv2d>();
  const TensorType& x = problem.inputs[0];
  const TensorType& y = problem.outputs[0];
  const Shape& w = problem.inputs[1].shape;
  if (op.groups != x.shape[1] || w[0] != x.shape[1])
    return Verdict::refuse("the convolution is not depthwise");
  if (w[2] != tile.r || w[3] != tile.s || op.window.stride[0] != tile.stride ||
      op.window.stride[1] != tile.stride)
    return Verdict::refuse("filter or stride are of another size");
  if (op.window.dilation[0] != 1 || op.window.dilation[1] != 1)
    return Verdict::refuse("the filter is dilated");
  if (!is_quantised_byte(x)) return Verdict::refuse("the input is not 8-bit quantised");
  if (!is_quantised_byte(y)) return Verdict::refuse("the output is not 8-bit quantised");
  if (const Verdict filter = check_symmetric_filter(problem); !filter) return filter;
  if (!fours_side_by_side(x)) return Verdict::refuse("fewer than 4 channels lie side by side");
  if (!(x.layout == y.layout)) return Verdict::refuse("input and output differ in layout");
  if (const Verdict operands = check_conv_operands(problem, op); !operands) return operands;
  return check_element_counts(problem);
}

std::vector<std::int8_t> pack_depthwise_filter(const Filter& filter, const DepthwiseTile& tile,
                                               int quads) {
  const int windows = tile.windows();
  std::vector<std::int8_t> packed(
      static_cast<std::size_t>(tile.r * windows * tile.columns * quads) * 16);
  for (int r = 0; r < tile.r; ++r)
    for (int column = 0; column < tile.columns; ++column)
      for (int s = 0; s < tile.s; ++s) {
        const int input = column * tile.stride + s;
        const int word = (r * windows + input / 4) * tile.columns + column;
        for (int k = 0; k < filter.k; ++k)
          packed[static_cast<std::size_t>((word * quads + k / 4) * 16 + k % 4 * 4 + input % 4)] =
              filter.at(k, 0, r, s);
      }
  return packed;
}

DepthwiseParams depthwise_params(const Problem& problem) {
  const TensorType& x = problem.inputs[0];
  const TensorType& y = problem.outputs[0];
  DepthwiseParams p{};
  p.g = conv_geometry(problem);
  p.images_first = y.layout == kCHWN4;
  p.quads = quads_of(y);
  p.quads_inside = y.layout == kNHWC || y.layout == kNHWC4 ? p.quads : y.layout.vector / 4;
  p.x = strides_of(x);
  p.y = strides_of(y);
  p.pad_word = static_cast<int>(static_cast<unsigned>(x.quant->zero_point() & 0xff) * 0x01010101u);
  p.x_unsigned = x.dtype == DType::u8;
  p.z_unsigned = problem.has_input(3) && problem.inputs[3].dtype == DType::u8;
  return p;
}

double estimate_depthwise(const Problem& problem, const DepthwiseTile& tile, int multiprocessors) {
  constexpr double kInstructions = 128.0 * 1750.0 * 0.52, kBytes = 3.0e6;  // a microsecond
  const double values = static_cast<double>(problem.outputs[0].physical_elements());
  const double rows = static_cast<double>((tile.rows - 1) * tile.stride + tile.r) / tile.rows;
  const double per_value =
      12.0 + tile.r * tile.windows() + 3.0 * rows * tile.windows() / tile.columns;
  const double bytes =
      static_cast<double>(problem.inputs[0].bytes()) +
      static_cast<double>(problem.outputs[0].bytes()) * (problem.has_input(3) ? 2.0 : 1.0);
  return 2.5 + std::max(values * per_value / (kInstructions * multiprocessors), bytes / kBytes);
}

}  // namespace octet::cuda
