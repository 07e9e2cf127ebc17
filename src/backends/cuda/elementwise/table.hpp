// Functions of one or two 8-bit values by tables, made on the host by the operator itself: exact
// for every function on every device.
#pragma once

#include <cuda_runtime.h>

namespace octet::cuda {

inline constexpr int kMostAxes = 8;

// Where the operands of output element i lie: axes outermost first, strides in elements, 0 where an
// operand is broadcast.
struct BroadcastParams {
  long long count;
  int axes;
  int extents[kMostAxes];
  long long a[kMostAxes], b[kMostAxes], c[kMostAxes], d[kMostAxes];
  bool same;  // every operand lies as the output does
};

// y[i] = table[x[i]], entries of 1 or 4 bytes.
void launch_table1(const void* table, const void* x, void* y, long long count, int entry_bytes,
                   cudaStream_t stream);
// y[i] = table[a[..] * 256 + b[..]].
void launch_table2(const BroadcastParams& params, const unsigned char* table, const void* a,
                   const void* b, void* y, cudaStream_t stream);

}  // namespace octet::cuda
