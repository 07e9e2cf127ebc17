// A block's tile of a product of f32.
//
//   kM rows x kN columns, kDepth of the depth at a time
//
//     a, b --16 bytes a load, while the last tile is multiplied--> registers --> shared memory
//     shared memory [depth][row], [depth][column] --> kRows x kColumns sums a thread
//
// A sum is a chain of products, each of which waits for the one before, so kDepthParts groups of
// threads share the depth: of every kDepthParts * kDepthRun products in the order of the depth each
// takes a run. Then the parts are added in order. So what a float sum is does not depend on the
// tile. An operand may be contiguous along either axis; where that is the depth it is turned around
// on its way into shared memory, whose places are permuted (or padded) so that this and the reading
// are free of bank conflicts.
#pragma once

namespace octet::cuda {

inline constexpr int kDepthParts = 4, kDepthRun = 32;

// A thread makes a part of kRows x kColumns of kM x kN sums.
template <int M, int N, int Rows, int Columns, int Depth>
struct TileShape {
  static constexpr int kM = M, kN = N, kRows = Rows, kColumns = Columns, kDepth = Depth;
  static constexpr int kPartThreads = (M / Rows) * (N / Columns);
  static constexpr int kThreads = kDepthParts * kPartThreads;
  static_assert(Depth % (kDepthParts * kDepthRun) == 0);
};

// One operand of the tile: `kExtent` rows of a or columns of b.
template <int kExtent, int kEach, int kDepth, int kThreads>
class StagedOperand {
 public:
  // Threads that read several neighbours want them in one load: places are then permuted by groups
  // of four; else every depth begins 2 (mod 8) places further.
  static constexpr bool kPermuted = kEach > 1;
  static constexpr int kStride = kPermuted ? kExtent : kExtent + 2;
  static_assert(kExtent % 8 == 0 && kDepth % 32 == 0 && kDepthRun % kExtent == 0);

  // `from` is element (0, 0); (i, d) lies i * step + d * depth_step behind, where one step is 1.
  // `extent` and `depth` are how many there are.
  __device__ __forceinline__ StagedOperand(const float* from, int step, int depth_step, int extent,
                                           int depth)
      : from_(from),
        step_(step),
        depth_step_(depth_step),
        extent_(extent),
        depth_(depth),
        along_depth_(depth_step == 1),
        aligned_((along_depth_ ? step : depth_step) % 4 == 0 &&
                 reinterpret_cast<unsigned long long>(from) % 16 == 0) {}

  // Reads the tile that begins at this depth; zeros outside.
  __device__ __forceinline__ void fetch(int depth0, int tid) {
#pragma unroll
    for (int v = 0; v < kVectors; ++v) {
      const Place at = place_of(tid + v * kThreads);
      const int i = at.i, d = depth0 + at.d;
      const int last_i = along_depth_ ? i : i + 3, last_d = along_depth_ ? d + 3 : d;
      const float* from =
          from_ + static_cast<long long>(i) * step_ + static_cast<long long>(d) * depth_step_;
      if (aligned_ && last_i < extent_ && last_d < depth_) {
        *reinterpret_cast<float4*>(next_[v]) = __ldg(reinterpret_cast<const float4*>(from));
        continue;
      }
#pragma unroll
      for (int k = 0; k < 4; ++k) {
        const bool inside =
            (along_depth_ ? i : i + k) < extent_ && (along_depth_ ? d + k : d) < depth_;
        next_[v][k] = inside ? __ldg(from + k) : 0.0f;
      }
    }
  }

  // Puts what was read last into a stage.
  __device__ __forceinline__ void store(float* stage, int tid) const {
#pragma unroll
    for (int v = 0; v < kVectors; ++v) {
      const Place at = place_of(tid + v * kThreads);
      if (!along_depth_ && kPermuted) {
        *reinterpret_cast<float4*>(stage + index(at.d, at.i)) =
            *reinterpret_cast<const float4*>(next_[v]);
        continue;
      }
#pragma unroll
      for (int k = 0; k < 4; ++k)
        stage[along_depth_ ? index(at.d + k, at.i) : index(at.d, at.i + k)] = next_[v][k];
    }
  }

  // kEach neighbours, the first a multiple of kEach.
  // `to` is aligned for one load.
  static __device__ __forceinline__ void read(float (&to)[kEach], const float* stage, int d,
                                              int first) {
    const float* from = stage + index(d, first);
    if constexpr (kEach == 4) {
      *reinterpret_cast<float4*>(to) = *reinterpret_cast<const float4*>(from);
    } else if constexpr (kEach == 2) {
      *reinterpret_cast<float2*>(to) = *reinterpret_cast<const float2*>(from);
    } else {
      to[0] = *from;
    }
  }

 private:
  struct Place {
    int i, d;
  };
  static constexpr int kVectors = kExtent * kDepth / 4 / kThreads;
  static_assert(kVectors * kThreads * 4 == kExtent * kDepth);

  static __device__ __forceinline__ int index(int d, int i) {
    return kPermuted ? d * kStride + (i ^ (d & ~3 & (kExtent - 1))) : d * kStride + i;
  }

  // Of four elements that lie side by side in memory.
  __device__ __forceinline__ Place place_of(int vector) const {
    if (!along_depth_) return {vector % (kExtent / 4) * 4, vector / (kExtent / 4)};
    constexpr int kAlong = kPermuted ? 8 : 4;  // lanes of a warp that share an i
    const int lane = vector % 32, group = vector / 32, groups = kDepth / 4 / kAlong;
    return {lane / kAlong + group / groups * (32 / kAlong),
            (lane % kAlong + group % groups * kAlong) * 4};
  }

  const float* from_;
  int step_, depth_step_, extent_, depth_;
  bool along_depth_, aligned_;
  alignas(16) float next_[kVectors][4];
};

// The sums of this thread, in the threads below Shape::kPartThreads: rows
// threadIdx.x / (kN / kColumns) * kRows + i, columns threadIdx.x % (kN / kColumns) * kColumns + j.
// `a` and `b` point to the tile's first row and column; `rows` and `columns` are how many there are
// from there on.
template <typename Shape>
__device__ __forceinline__ void sum_tile(float (&sums)[Shape::kRows][Shape::kColumns],
                                         const float* a, int a_row, int a_depth, int rows,
                                         const float* b, int b_column, int b_depth, int columns,
                                         int depth) {
  using A = StagedOperand<Shape::kM, Shape::kRows, Shape::kDepth, Shape::kThreads>;
  using B = StagedOperand<Shape::kN, Shape::kColumns, Shape::kDepth, Shape::kThreads>;
  constexpr int kSums = Shape::kRows * Shape::kColumns;
  __shared__ __align__(16) float a_stage[A::kStride * Shape::kDepth];
  __shared__ __align__(16) float b_stage[B::kStride * Shape::kDepth];
  __shared__ float parts[kDepthParts - 1][kSums][Shape::kPartThreads];
  const int tid = static_cast<int>(threadIdx.x);
  const int part = tid / Shape::kPartThreads, of_part = tid % Shape::kPartThreads;
  const int row = of_part / (Shape::kN / Shape::kColumns) * Shape::kRows;
  const int column = of_part % (Shape::kN / Shape::kColumns) * Shape::kColumns;
  A next_a(a, a_row, a_depth, rows, depth);
  B next_b(b, b_column, b_depth, columns, depth);
  next_a.fetch(0, tid);
  next_b.fetch(0, tid);
  for (int depth0 = 0; depth0 < depth; depth0 += Shape::kDepth) {
    next_a.store(a_stage, tid);
    next_b.store(b_stage, tid);
    __syncthreads();
    if (depth0 + Shape::kDepth < depth) {
      next_a.fetch(depth0 + Shape::kDepth, tid);
      next_b.fetch(depth0 + Shape::kDepth, tid);
    }
#pragma unroll
    for (int first = 0; first < Shape::kDepth; first += kDepthParts * kDepthRun) {
      // The order of places repeats with every run: one pointer per run, the rest is constant.
      const float* const a_run = a_stage + (first + part * kDepthRun) * A::kStride;
      const float* const b_run = b_stage + (first + part * kDepthRun) * B::kStride;
#pragma unroll
      for (int d = 0; d < kDepthRun; ++d) {
        alignas(16) float x[Shape::kRows], w[Shape::kColumns];
        A::read(x, a_run, d, row);
        B::read(w, b_run, d, column);
#pragma unroll
        for (int r = 0; r < Shape::kRows; ++r)
#pragma unroll
          for (int c = 0; c < Shape::kColumns; ++c) sums[r][c] = __fmaf_rn(x[r], w[c], sums[r][c]);
      }
    }
    __syncthreads();
  }
  if (part > 0) {
#pragma unroll
    for (int i = 0; i < kSums; ++i)
      parts[part - 1][i][of_part] = sums[i / Shape::kColumns][i % Shape::kColumns];
  }
  __syncthreads();
  if (part > 0) return;
#pragma unroll
  for (int i = 0; i < kSums; ++i)
#pragma unroll
    for (int other = 0; other < kDepthParts - 1; ++other)
      sums[i / Shape::kColumns][i % Shape::kColumns] += parts[other][i][of_part];
}

}  // namespace octet::cuda
