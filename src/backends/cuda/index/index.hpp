// Elements picked and replaced by indices that are computed in the graph.
#pragma once

#include <cuda_runtime.h>

#include "ops/element_format.hpp"

namespace octet::cuda {

inline constexpr int kMostIndexAxes = 8;

// Walks over elements i, in row-major order of some axes, each of which belongs to an element of x:
//   offset(i) = sum of at[axis] * steps[axis] + sum over sources of index * step
// where a source's index is element `first` + sum of at[axis] * steps[axis] of an index tensor.
struct IndexSource {
  int input;  // which of the operator's inputs
  bool wide;  // s64; else s32
  long long first;
  long long steps[kMostIndexAxes];
  long long extent, step;  // of the axis of x that it names
};
struct IndexWalk {
  long long count;
  int axes, sources;
  int extents[kMostIndexAxes];
  long long base, steps[kMostIndexAxes];
  IndexSource source[kMostIndexAxes];
};
struct IndexOperands {
  const void* inputs[kMostIndexAxes + 1];
};

// y[i] = x[offset(i)], elements of 1, 2, 4 or 8 bytes. Where an index lies outside of its axis, y
// is 0: the host, which reports an error then, cannot be told in the middle of a run.
void launch_gather(const IndexWalk& walk, int element_bytes, const IndexOperands& operands, void* y,
                   cudaStream_t stream);

// y = x, then y[offset(i)] = updates[i]; the last of those with one offset wins, and those whose
// index lies outside change nothing. x has `elements` elements; `winners` has room for as many.
void launch_scatter(const IndexWalk& walk, int element_bytes, long long elements,
                    const IndexOperands& operands, const void* updates, int* winners, void* y,
                    cudaStream_t stream);

struct OneHotParams {
  long long count, depth, inner;
  ElementFormat indices;
  bool floats;  // the indices are
  int element_bytes;
};
// `values` holds off and on.
void launch_one_hot(const OneHotParams& params, const void* indices, const void* values, void* y,
                    cudaStream_t stream);

}  // namespace octet::cuda
