// Splits an output index into the offsets of up to four broadcast operands.
#pragma once

#include "backends/cuda/elementwise/table.hpp"

namespace octet::cuda {

struct Offsets {
  long long a, b, c, d;
};

__device__ __forceinline__ Offsets offsets_of(const BroadcastParams& p, long long i) {
  if (p.same) return {i, i, i, i};
  Offsets o{0, 0, 0, 0};
  for (int axis = p.axes - 1; axis >= 0; --axis) {
    const int at = static_cast<int>(i % p.extents[axis]);
    i /= p.extents[axis];
    o.a += at * p.a[axis];
    o.b += at * p.b[axis];
    o.c += at * p.c[axis];
    o.d += at * p.d[axis];
  }
  return o;
}

}  // namespace octet::cuda
