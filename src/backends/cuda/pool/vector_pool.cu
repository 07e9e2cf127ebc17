// A thread makes 16 or 4 neighbouring bytes of y (channels of a pixel; in CHWN4 of four images),
// with loads of as many. Neighbouring threads are neighbours in memory. Bound by memory; windows
// that overlap find their rows in L1.
#include "backends/cuda/common/epilogue.cuh"
#include "backends/cuda/common/launch.cuh"
#include "backends/cuda/common/launch_chained.cuh"
#include "backends/cuda/pool/window.cuh"

namespace octet::cuda {
namespace {

struct Place {
  long long x, y;  // offset of the vector in image (0, 0) of x and in y
  Span rows, columns;
};

__device__ __forceinline__ Place place_of(const PoolParams& p, const PoolVectors& v,
                                          unsigned index) {
  int vector = take(&index, v.inside), n = 0;
  if (v.images_inside) n = take(&index, v.images);
  const int ow = take(&index, p.ow), oh = take(&index, p.oh);
  vector += take(&index, v.per_pixel / v.inside / v.repeat) * v.inside * v.repeat;
  if (!v.images_inside) n = static_cast<int>(index);
  const int images = v.images_inside && v.bytes == 16 ? 4 : 1;  // of a vector
  const int channel = vector * (v.bytes / images);
  return {n * images * p.x.n + channel_offset(p.x, channel),
          element_offset(p.y, n * images, channel, oh, ow),
          span_at(oh, p.stride_h, p.pad_top, p.pad_bottom, p.kernel_h, p.dilation_h, p.h),
          span_at(ow, p.stride_w, p.pad_left, p.pad_right, p.kernel_w, p.dilation_w, p.w)};
}

template <typename Vector, bool kUnsigned, int kRepeat>
__global__ __launch_bounds__(kElementThreads) void max_pool(const __grid_constant__ PoolParams p,
                                                            const __grid_constant__ PoolVectors v,
                                                            const std::int8_t* x, std::int8_t* y,
                                                            unsigned total) {
  begin_in_chain();
  const auto index = static_cast<unsigned>(element_index());
  if (index >= total) return;
  const Place at = place_of(p, v, index);
  unsigned most[kRepeat][sizeof(Vector) / 4];
#pragma unroll
  for (auto& words : most)
#pragma unroll
    for (unsigned& word : words) word = kUnsigned ? 0u : 0x80808080u;
  const std::int8_t* row = x + at.x + at.rows.first * p.x.h + at.columns.first * p.x.w;
  const auto step = at.columns.step * p.x.w;
  for (int r = 0; r < at.rows.count; ++r, row += at.rows.step * p.x.h) {
    const std::int8_t* from = row;
    for (int s = 0; s < at.columns.count; ++s, from += step)
#pragma unroll
      for (int i = 0; i < kRepeat; ++i) {
        const Vector value = __ldg(reinterpret_cast<const Vector*>(from + i * p.x.c));
#pragma unroll
        for (std::size_t w = 0; w < sizeof(Vector) / 4; ++w) {
          const unsigned word = reinterpret_cast<const unsigned*>(&value)[w];
          most[i][w] = kUnsigned ? __vmaxu4(most[i][w], word) : __vmaxs4(most[i][w], word);
        }
      }
  }
#pragma unroll
  for (int i = 0; i < kRepeat; ++i)
    *reinterpret_cast<Vector*>(y + at.y + i * p.y.c) = *reinterpret_cast<const Vector*>(most[i]);
}

template <bool kUnsigned>
__global__ __launch_bounds__(kElementThreads) void average_pool(
    const __grid_constant__ PoolParams p, const __grid_constant__ PoolVectors v,
    const std::int8_t* x, std::int8_t* y, unsigned total) {
  begin_in_chain();
  const auto index = static_cast<unsigned>(element_index());
  if (index >= total) return;
  const Place at = place_of(p, v, index);
  int sums[4] = {};
  float real[4] = {};
  const bool integers = p.method == PoolParams::kIntegerAverage;
  const std::int8_t* row = x + at.x + at.rows.first * p.x.h + at.columns.first * p.x.w;
  for (int r = 0; r < at.rows.count; ++r, row += at.rows.step * p.x.h)
#pragma unroll 4
    for (int s = 0; s < at.columns.count; ++s) {
      const unsigned word =
          __ldg(reinterpret_cast<const unsigned*>(row + s * at.columns.step * p.x.w));
#pragma unroll
      for (int i = 0; i < 4; ++i) {
        const int q = byte_of(word, i, kUnsigned);
        if (integers) sums[i] += q;
        else real[i] = __fadd_rn(real[i], __fmul_rn(static_cast<float>(q - p.zero_point), p.scale));
      }
    }
  const int inside = at.rows.count * at.columns.count;
  const int count = p.include_padding ? at.rows.padded * at.columns.padded : inside;
  int q[4];
#pragma unroll
  for (int i = 0; i < 4; ++i) {
    if (integers) {
      q[i] = count == 0 ? p.zero_point
                        : divide_half_away(sums[i] + (count - inside) * p.zero_point, count);
    } else {
      const float mean = count == 0 ? 0.0f : __fdiv_rn(real[i], static_cast<float>(count));
      q[i] = static_cast<int>(quantise(p.quantiser, mean));
    }
  }
  *reinterpret_cast<unsigned*>(y + at.y) = pack_bytes(q[0], q[1], q[2], q[3]);
}

}  // namespace

void launch_vector_pool(const PoolParams& p, const PoolVectors& v, const void* x, void* y,
                        cudaStream_t stream) {
  const long long total = static_cast<long long>(v.per_pixel / v.repeat) * v.images * p.oh * p.ow;
  if (total == 0) return;
  const auto launch = [&](auto kernel) {
    launch_chained(kernel, {element_blocks(total), kElementThreads}, stream, p, v,
                   static_cast<const std::int8_t*>(x), static_cast<std::int8_t*>(y),
                   static_cast<unsigned>(total));
  };
  if (p.method != PoolParams::kMax)
    return p.is_unsigned ? launch(average_pool<true>) : launch(average_pool<false>);
  if (v.bytes == 16)
    return p.is_unsigned ? launch(max_pool<uint4, true, 1>) : launch(max_pool<uint4, false, 1>);
  if (v.repeat == 4)
    return p.is_unsigned ? launch(max_pool<unsigned, true, 4>)
                         : launch(max_pool<unsigned, false, 4>);
  return p.is_unsigned ? launch(max_pool<unsigned, true, 1>) : launch(max_pool<unsigned, false, 1>);
}

}  // namespace octet::cuda
