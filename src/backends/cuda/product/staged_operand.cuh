// The lines of one operand (rows of a, or columns of b) that a warp of product/matmul_wide.cu
// multiplies, on their way through shared memory.
//
//   a stage: [line][pair of steps]: kSteps steps of the depth, all of one part
//
// A pair's place in its line is permuted by the line, so that lanes that read the same pair of
// neighbouring lines have no bank conflicts.
#pragma once

#include "backends/cuda/common/ptx_mma.cuh"
#include "backends/cuda/product/depth_parts.cuh"

namespace octet::cuda {

// How an operand lies in memory: (line, d) at from + line * step + d * depth_step; one step is 1.
struct OperandView {
  const float* from;
  int step, depth_step;
  int lines, depth;  // how many there are
};

// kVectors: every four of the depth are one aligned load.
template <int kLines, int kSteps, bool kVectors>
class StagedOperand {
 public:
  static constexpr int kLineFloats = kSteps * kDepthStep, kFloats = kLines * kLineFloats;

  __device__ __forceinline__ StagedOperand(const OperandView& view, int lane) : view_(view) {
    // Neighbouring lanes read side by side.
    const bool along_depth = kVectors || view.depth_step == 1;
    line_ = along_depth ? lane / kFours : lane % kSide;
    depth_ = (along_depth ? lane % kFours : lane / kSide) * 4;
    next_line_ = along_depth ? 32 / kFours : kSide;
    view_.from += static_cast<long long>(line_) * view.step +
                  static_cast<long long>(depth_) * view.depth_step;
  }

  // Begins to copy the steps from depth `first` on to `to`; zeros where the operand ends.
  __device__ __forceinline__ void fetch(float* to, int first) const {
    const float* from = view_.from + static_cast<long long>(first) * view_.depth_step;
    const long long next = static_cast<long long>(next_line_) * view_.step;
    const int left = view_.depth - first - depth_;
#pragma unroll
    for (int v = 0; v < kLines * kFours / 32; ++v, from += next) {
      const int line = line_ + v * next_line_;
      copy_four(shared_address(to + offset(line, depth_)), from, line < view_.lines ? left : 0);
    }
  }

  // Four neighbours of a pair of steps, those of lane t of a line.
  static __device__ __forceinline__ float4 read(const float* stage, unsigned line, unsigned pair,
                                                unsigned t) {
    const float* const from = stage + offset(line, pair * 2 * kDepthStep + 4 * t);
    return *reinterpret_cast<const float4*>(from);
  }

 private:
  static constexpr int kFours = kLineFloats / 4;  // loads of a line
  static constexpr int kSide = 32 / kFours;       // lines that lie side by side, where they do
  static_assert(kSteps == 2 || kSteps == 4);

  static __device__ __forceinline__ unsigned offset(unsigned line, unsigned d) {
    return line * kLineFloats + (d ^ (line % (kSteps / 2) * 2 * kDepthStep));
  }

  // `left` of the depth are still there.
  __device__ __forceinline__ void copy_four(std::uint32_t to, const float* from, int left) const {
    if constexpr (kVectors) {
      copy_or_zero<16>(to, from, left > 0);
    } else {
#pragma unroll
      for (int k = 0; k < 4; ++k)
        copy_or_zero<4>(to + 4 * k, from + static_cast<long long>(k) * view_.depth_step, k < left);
    }
  }

  OperandView view_;              // from this lane's first element on
  int line_, depth_, next_line_;  // of that element; from each load of a lane to the next
};

}  // namespace octet::cuda
