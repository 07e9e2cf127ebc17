// Rows of an NHWC input copied with their padding, as unsigned bytes.
#pragma once

#include "backends/cpu/conv_geometry.hpp"
#include "backends/cpu/vector_kernels.hpp"

namespace octet::cpu {

// How the copy of the input rows that a band of output rows needs is laid out.
struct PaddedInput {
  std::int64_t row_bytes = 0;  // one padded row
  std::uint8_t flip = 0;       // 0x80 turns signed bytes into unsigned ones, 128 higher
  std::uint8_t padding = 0;    // the zero point, flipped alike

  static PaddedInput make(const ConvGeometry& shape, const TensorType& x);
  // Input rows below `output_rows` rows of output.
  std::int64_t rows_for(const ConvGeometry& shape, std::int64_t output_rows) const noexcept {
    return (output_rows - 1) * shape.window.stride[0] + (shape.r - 1) * shape.window.dilation[0] +
           1;
  }
  // Fills `to` with the rows below output rows [first, first + count) of the image at `x`.
  void fill(const ConvGeometry& shape, const VectorKernels& kernels, const std::uint8_t* x,
            std::int64_t first, std::int64_t count, std::uint8_t* to) const;
};

}  // namespace octet::cpu
