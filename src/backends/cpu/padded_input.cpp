#include "backends/cpu/padded_input.hpp"

#include <algorithm>
#include <cstring>

namespace octet::cpu {

PaddedInput PaddedInput::make(const ConvGeometry& shape, const TensorType& x) {
  PaddedInput input;
  const Window2d& window = shape.window;
  const std::int64_t columns =
      (shape.ow - 1) * window.stride[1] + (shape.s - 1) * window.dilation[1] + 1;
  input.row_bytes = columns * shape.c;
  input.flip = x.dtype == DType::s8 ? 0x80 : 0;
  const int zero = x.quant ? x.quant->zero_point() : 0;
  input.padding = static_cast<std::uint8_t>(static_cast<unsigned>(zero) ^ input.flip);
  return input;
}

void PaddedInput::fill(const ConvGeometry& shape, const VectorKernels& kernels,
                       const std::uint8_t* x, std::int64_t first, std::int64_t count,
                       std::uint8_t* to) const {
  const auto row = static_cast<std::size_t>(row_bytes);
  const std::int64_t left = std::min(shape.window.pad[1] * shape.c, row_bytes);
  const std::int64_t inside = std::clamp<std::int64_t>(row_bytes - left, 0, shape.w * shape.c);
  const std::int64_t right = row_bytes - left - inside;
  const std::int64_t top = first * shape.window.stride[0] - shape.window.pad[0];
  for (std::int64_t i = 0; i < rows_for(shape, count); ++i, to += row) {
    const std::int64_t y = top + i;
    if (y < 0 || y >= shape.h) {
      std::memset(to, padding, row);
      continue;
    }
    std::memset(to, padding, static_cast<std::size_t>(left));
    kernels.copy_flipped(to + left, x + y * shape.w * shape.c, static_cast<std::size_t>(inside),
                         flip);
    std::memset(to + left + inside, padding, static_cast<std::size_t>(right));
  }
}

}  // namespace octet::cpu
