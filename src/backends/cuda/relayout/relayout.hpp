// Copies a value from one layout to another, element by element.
#pragma once

#include <cuda_runtime.h>

#include "backends/cuda/common/strides.hpp"

namespace octet::cuda {

struct RelayoutParams {
  int n, c, h, w;  // logical
  int padded_c;    // channels the output has in memory
  Strides from, to;
  int order[4];       // axes of the output in memory, outermost first: 0 n, 1 c, 2 h, 3 w
  std::int64_t fill;  // what added channels hold (the zero point)
  int element_bytes;  // 1, 2, 4 or 8
};

// Between layouts of bytes that have four or sixteen channels side by side.
struct VectorRelayoutParams {
  int n, h, w;
  int bytes;           // of a vector: 16 or 4
  int vectors;         // of a pixel in the output
  int from_vectors;    // and in the input; what is missing is `fill`
  int inside;          // vectors of the output that lie side by side
  bool images_inside;  // CHWN4: neighbours in the output are images
  Strides from, to;
  unsigned fill;  // the zero point, four times
};

void launch_vector_relayout(const VectorRelayoutParams& params, const void* from, void* to,
                            cudaStream_t stream);
void launch_relayout(const RelayoutParams& params, const void* from, void* to, cudaStream_t stream);

}  // namespace octet::cuda
