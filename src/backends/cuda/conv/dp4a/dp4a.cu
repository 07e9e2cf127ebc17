// A thread makes four output channels of four pixels:
//
//   for each filter tap, for each group of four input channels:
//      4 words of x (one per pixel)  x  16 bytes of filter (4 output channels)  ->  16 dp4a
//
// The pixels are neighbouring columns, or images where every position has its own filter, so that
// they share the filter's bytes. Neighbouring threads are neighbours in memory: quads of channels
// in NHWC, columns in NCHW4 and NCHW32, images in CHWN4; what they share comes from L1. Nothing
// goes through shared memory. Bound by dp4a (64 a clock and SM) when groups are wide, by L1 when
// they are narrow; by memory where each byte of the filter serves few pixels.
#include "backends/cuda/common/epilogue.cuh"
#include "backends/cuda/common/index.cuh"
#include "backends/cuda/common/launch.cuh"
#include "backends/cuda/common/launch_chained.cuh"
#include "backends/cuda/common/ptx_bytes.cuh"
#include "backends/cuda/conv/dp4a/dp4a.hpp"

namespace octet::cuda {
namespace {

struct Place {
  int quad, n, oh, ow;  // of the first pixel
};

__device__ __forceinline__ Place place_of(const Dp4aParams& p, unsigned index) {
  const bool images = p.along == Dp4aParams::kImages;
  const int columns = images ? p.g.ow : (p.g.ow + kDp4aPixels - 1) / kDp4aPixels;
  const int batches = images ? (p.g.n + kDp4aPixels - 1) / kDp4aPixels : p.g.n;
  Place at{};
  at.quad = take(&index, p.quads_inside);
  if (p.images_first) at.n = take(&index, batches);
  at.ow = take(&index, columns);
  at.oh = take(&index, p.g.oh);
  at.quad += take(&index, p.quads / p.quads_inside) * p.quads_inside;
  if (!p.images_first) at.n = take(&index, batches);
  if (images) at.n *= kDp4aPixels;
  else at.ow *= kDp4aPixels;
  return at;
}

// The words of four pixels, at `from` + i * step; a pixel outside gives the zero point.
template <bool kVector>
__device__ __forceinline__ void load_words(int (&x)[kDp4aPixels], const std::int8_t* from,
                                           long long step, unsigned inside, int pad_word) {
  if constexpr (kVector) {
    int4 v = make_int4(pad_word, pad_word, pad_word, pad_word);
    if (inside != 0) v = __ldg(reinterpret_cast<const int4*>(from));
    x[0] = v.x, x[1] = v.y, x[2] = v.z, x[3] = v.w;
  } else {
#pragma unroll
    for (int i = 0; i < kDp4aPixels; ++i)
      x[i] = inside >> i & 1 ? __ldg(reinterpret_cast<const int*>(from + i * step)) : pad_word;
  }
}

template <bool kUnsigned, bool kVector>
__device__ __forceinline__ void sum_taps(const Dp4aParams& p, const Place& at, const std::int8_t* x,
                                         const int4* filter, int (&sums)[kDp4aPixels][4]) {
  const ConvGeometry& g = p.g;
  const bool images = kVector || p.along == Dp4aParams::kImages;  // known where x comes in vectors
  const int ih0 = at.oh * g.stride_h - g.pad_top, iw0 = at.ow * g.stride_w - g.pad_left;
  const long long step = images ? p.x.n : g.stride_w * p.x.w;
  const int first = first_word(g, p.words, at.quad);
  filter += at.n * p.image_step + (static_cast<long long>(at.oh) * g.ow + at.ow) * p.position_step +
            static_cast<long long>(at.quad) * p.quad_step;
  x += at.n * p.x.n;
  unsigned valid = 0;  // pixels that exist
#pragma unroll
  for (int i = 0; i < kDp4aPixels; ++i)
    valid |= static_cast<unsigned>(images ? at.n + i < g.n : at.ow + i < g.ow) << i;
  int filter_sums[4] = {};
  for (int r = 0; r < g.r; ++r) {
    const int ih = ih0 + r * g.dilation_h;
    const bool row = static_cast<unsigned>(ih) < static_cast<unsigned>(g.h);
    for (int s = 0; s < g.s; ++s) {
      const int iw = iw0 + s * g.dilation_w;
      unsigned inside = 0;
#pragma unroll
      for (int i = 0; i < kDp4aPixels; ++i) {
        const int column = images ? iw : iw + i * g.stride_w;
        inside |=
            static_cast<unsigned>(row && static_cast<unsigned>(column) < static_cast<unsigned>(g.w))
            << i;
      }
      inside &= valid;
      const std::int8_t* from = x + ih * p.x.h + iw * p.x.w;
      const int4* weights = filter + static_cast<long long>(r * g.s + s) * p.tap_step;
      for (int word = 0; word < p.words; ++word, weights += p.word_step) {
        int values[kDp4aPixels];
        load_words<kVector>(values, from + channel_offset(p.x, (first + word) * 4), step, inside,
                            p.pad_word);
        const int4 w = __ldg(weights);
        const int k[4] = {w.x, w.y, w.z, w.w};
#pragma unroll
        for (int j = 0; j < 4; ++j) {
#pragma unroll
          for (int i = 0; i < kDp4aPixels; ++i)
            sums[i][j] = dot4<kUnsigned>(static_cast<std::uint32_t>(values[i]),
                                         static_cast<std::uint32_t>(k[j]), sums[i][j]);
          if (p.subtract_zero_point != 0) filter_sums[j] = __dp4a(k[j], 0x01010101, filter_sums[j]);
        }
      }
    }
  }
#pragma unroll
  for (int i = 0; i < kDp4aPixels; ++i)
#pragma unroll
    for (int j = 0; j < 4; ++j) sums[i][j] -= p.subtract_zero_point * filter_sums[j];
}

// Four channels, of which `channels` exist, to y at `offset`.
__device__ __forceinline__ void store4(const Dp4aParams& p, const int (&sums)[4], int k,
                                       long long offset, const std::int8_t* z, void* y) {
  const int channels = p.g.k - k;
  if (p.sum_output) {
    *reinterpret_cast<int4*>(static_cast<int*>(y) + offset) =
        make_int4(sums[0], channels > 1 ? sums[1] : 0, channels > 2 ? sums[2] : 0,
                  channels > 3 ? sums[3] : 0);
    return;
  }
  float m[4], fbias[4];
  load_channels(m, p.epilogue.m, k);
  load_channels(fbias, p.epilogue.fbias, k);
  const std::uint32_t zs =
      z == nullptr ? 0 : __ldg(reinterpret_cast<const std::uint32_t*>(z + offset));
  if (p.epilogue.float_output) {
    const int z4[4] = {byte_of(zs, 0, p.z_unsigned), byte_of(zs, 1, p.z_unsigned),
                       byte_of(zs, 2, p.z_unsigned), byte_of(zs, 3, p.z_unsigned)};
    float v[4];
    finish_values(p.epilogue, sums, m, fbias, z4, v);
    *reinterpret_cast<float4*>(static_cast<float*>(y) + offset) = make_float4(
        v[0], channels > 1 ? v[1] : 0.0f, channels > 2 ? v[2] : 0.0f, channels > 3 ? v[3] : 0.0f);
    return;
  }
  std::uint32_t word = finish4(p.epilogue, sums, m, fbias, zs, p.z_unsigned);
  if (channels < 4) {  // padding channels hold the zero point
    const std::uint32_t real = (1u << (8 * channels)) - 1;
    const auto fill = static_cast<std::uint32_t>(static_cast<int>(p.epilogue.quantiser.zero_point));
    word = (word & real) | ((fill & 0xff) * 0x01010101u & ~real);
  }
  *reinterpret_cast<std::uint32_t*>(static_cast<std::int8_t*>(y) + offset) = word;
}

// Of a quad that lies wholly in the padding.
__device__ __forceinline__ void store_padding(const Dp4aParams& p, long long offset, void* y) {
  if (p.sum_output || p.epilogue.float_output) {
    *reinterpret_cast<int4*>(static_cast<int*>(y) + offset) = make_int4(0, 0, 0, 0);
    return;
  }
  const auto fill = static_cast<std::uint32_t>(static_cast<int>(p.epilogue.quantiser.zero_point));
  *reinterpret_cast<std::uint32_t*>(static_cast<std::int8_t*>(y) + offset) =
      (fill & 0xff) * 0x01010101u;
}

template <bool kUnsigned, bool kVector>
__global__ __launch_bounds__(kElementThreads) void dp4a_conv(const __grid_constant__ Dp4aParams p,
                                                             const std::int8_t* x,
                                                             const int4* filter,
                                                             const std::int8_t* z, void* y,
                                                             unsigned total) {
  begin_in_chain();
  const auto index = static_cast<unsigned>(element_index());
  if (index >= total) return;
  const Place at = place_of(p, index);
  const bool images = p.along == Dp4aParams::kImages;
  const int k = at.quad * 4;
  long long offset = at.n * p.y.n + at.oh * p.y.h + at.ow * p.y.w + channel_offset(p.y, k);
  int sums[kDp4aPixels][4] = {};
  if (k < p.g.k) {
    int bias[4];
    load_channels(bias, p.epilogue.ibias, k);
#pragma unroll
    for (int i = 0; i < kDp4aPixels; ++i)
#pragma unroll
      for (int j = 0; j < 4; ++j) sums[i][j] = bias[j];
    sum_taps<kUnsigned, kVector>(p, at, x, filter, sums);
  }
#pragma unroll
  for (int i = 0; i < kDp4aPixels; ++i, offset += images ? p.y.n : p.y.w) {
    if (images ? at.n + i >= p.g.n : at.ow + i >= p.g.ow) return;
    if (k < p.g.k) store4(p, sums[i], k, offset, z, y);
    else store_padding(p, offset, y);
  }
}

__global__ void dp4a_pack(const __grid_constant__ Dp4aPackParams p, const std::int8_t* filter,
                          uint4* packed, unsigned total) {
  begin_in_chain();
  auto index = static_cast<unsigned>(element_index());
  if (index >= total) return;
  const int quad = take(&index, p.quads), word = take(&index, p.words);
  const int tap = take(&index, p.g.r * p.g.s);
  const int group_inputs = p.g.c / p.g.groups, group_outputs = p.g.k / p.g.groups;
  const int from_tap = p.g.flip ? p.g.r * p.g.s - 1 - tap : tap;
  unsigned words[4] = {};
  for (int j = 0; j < 4; ++j)
    for (int i = 0; i < 4; ++i) {
      const int k = quad * 4 + j, c = (first_word(p.g, p.words, quad) + word) * 4 + i;
      if (k >= p.g.k || c >= p.g.c || k / group_outputs != c / group_inputs) continue;
      const std::int8_t value = filter[index * p.outer_step + k / group_outputs * p.group_step +
                                       k % group_outputs * p.k_step + c % group_inputs * p.c_step +
                                       from_tap * p.tap_step];
      words[j] |= ((static_cast<unsigned>(value) ^ p.flip_signs) & 0xff) << (8 * i);
    }
  packed[index * p.to_outer_step + static_cast<long long>(tap) * p.to_tap_step +
         static_cast<long long>(word) * p.to_word_step +
         static_cast<long long>(quad) * p.to_quad_step] =
      make_uint4(words[0], words[1], words[2], words[3]);
}

}  // namespace

void launch_dp4a_pack(const Dp4aPackParams& params, const void* filter, void* packed,
                      cudaStream_t stream) {
  const long long total =
      static_cast<long long>(params.outer) * params.g.r * params.g.s * params.words * params.quads;
  if (total > 0)
    launch_chained(dp4a_pack, {element_blocks(total), kElementThreads}, stream, params,
                   static_cast<const std::int8_t*>(filter), static_cast<uint4*>(packed),
                   static_cast<unsigned>(total));
}

void launch_dp4a_conv(const Dp4aParams& params, const void* x, const void* filter, const void* z,
                      void* y, cudaStream_t stream) {
  const ConvGeometry& g = params.g;
  const auto groups = [](int count) { return (count + kDp4aPixels - 1) / kDp4aPixels; };
  const bool images = params.along == Dp4aParams::kImages;
  const long long total = static_cast<long long>(params.quads) * g.oh *
                          (images ? groups(g.n) : g.n) * (images ? g.ow : groups(g.ow));
  if (total == 0) return;
  const auto kernel =
      params.x_unsigned ? (params.vector_images ? dp4a_conv<true, true> : dp4a_conv<true, false>)
                        : (params.vector_images ? dp4a_conv<false, true> : dp4a_conv<false, false>);
  launch_chained(kernel, {element_blocks(total), kElementThreads}, stream, params,
                 static_cast<const std::int8_t*>(x), static_cast<const int4*>(filter),
                 static_cast<const std::int8_t*>(z), y, static_cast<unsigned>(total));
}

}  // namespace octet::cuda
