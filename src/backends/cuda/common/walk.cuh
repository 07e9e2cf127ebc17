// Walks on the device.
#pragma once

#include "backends/cuda/common/walk.hpp"

namespace octet::cuda {

// Where the i-th place of the first `axes` axes lies.
__device__ __forceinline__ long long offset_in(const Walk& walk, int axes, long long i) {
  long long offset = 0;
  for (int axis = axes - 1; axis >= 0; --axis) {
    offset += i % walk.extents[axis] * walk.steps[axis];
    i /= walk.extents[axis];
  }
  return offset;
}

}  // namespace octet::cuda
