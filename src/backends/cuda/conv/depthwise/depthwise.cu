// A thread makes kRows x kColumns output pixels of four channels. Of each input row it reads words
// (four channels) of four neighbouring columns and turns them around, so that a word holds four
// columns of one channel; then one dp4a adds up to four taps of a filter row:
//
//   columns  c0 c1 c2 c3            channel a: c0 c1 c2 c3  . (w0 w1 w2  0) -> output column 0
//   4 words  abcd abcd abcd abcd -> channel b: ...          . ( 0 w0 w1 w2) -> output column 1
//
// An input row serves every output row that it touches from registers. Neighbouring threads are
// neighbours in memory (channels in NHWC, columns in NCHW4, images in CHWN4), so that a warp reads
// 128 bytes at once; a 16-byte load would bring four quads of channels and thereby four times the
// accumulators. For 3x3: 3 dp4a, about 2 moves of bytes and the epilogue a value. Bound by memory.
#include "backends/cuda/common/epilogue.cuh"
#include "backends/cuda/common/index.cuh"
#include "backends/cuda/common/launch.cuh"
#include "backends/cuda/common/launch_chained.cuh"
#include "backends/cuda/common/ptx_bytes.cuh"
#include "backends/cuda/conv/depthwise/depthwise.hpp"

namespace octet::cuda {
namespace {

// Words [column] of four channels become words [channel] of four columns.
__device__ __forceinline__ void transpose4(std::uint32_t (&v)[4]) {
  const std::uint32_t low01 = __byte_perm(v[0], v[1], 0x5140),
                      high01 = __byte_perm(v[0], v[1], 0x7362),
                      low23 = __byte_perm(v[2], v[3], 0x5140),
                      high23 = __byte_perm(v[2], v[3], 0x7362);
  v[0] = __byte_perm(low01, low23, 0x5410);
  v[1] = __byte_perm(low01, low23, 0x7632);
  v[2] = __byte_perm(high01, high23, 0x5410);
  v[3] = __byte_perm(high01, high23, 0x7632);
}

struct Place {
  int quad, n, oh, ow;  // of the first pixel
};

template <int kRows, int kColumns>
__device__ __forceinline__ Place place_of(const DepthwiseParams& p, unsigned index) {
  const int columns = (p.g.ow + kColumns - 1) / kColumns, rows = (p.g.oh + kRows - 1) / kRows;
  Place at{};
  at.quad = take(&index, p.quads_inside);
  if (p.images_first) at.n = take(&index, p.g.n);
  at.ow = take(&index, columns) * kColumns;
  at.oh = take(&index, rows) * kRows;
  at.quad += take(&index, p.quads / p.quads_inside) * p.quads_inside;
  if (!p.images_first) at.n = take(&index, p.g.n);
  return at;
}

template <bool kPlain>
__device__ __forceinline__ void store4(const DepthwiseParams& p, const int (&sums)[4], int k,
                                       const float (&m)[4], const float (&fbias)[4],
                                       long long offset, const std::int8_t* z, void* y) {
  if constexpr (kPlain) {
    *reinterpret_cast<std::uint32_t*>(static_cast<std::int8_t*>(y) + offset) =
        finish4_plain<EpilogueParams::kNone>(p.epilogue, sums, m, fbias, 0);
  } else {
    const std::uint32_t zs =
        z == nullptr ? 0 : __ldg(reinterpret_cast<const std::uint32_t*>(z + offset));
    std::uint32_t word = finish4_any(p.epilogue, sums, m, fbias, zs, p.z_unsigned);
    const int channels = p.g.k - k;
    if (channels < 4) {  // padding channels hold the zero point
      const std::uint32_t real = channels <= 0 ? 0 : (1u << (8 * channels)) - 1;
      const auto fill =
          static_cast<std::uint32_t>(static_cast<int>(p.epilogue.quantiser.zero_point));
      word = (word & real) | ((fill & 0xff) * 0x01010101u & ~real);
    }
    *reinterpret_cast<std::uint32_t*>(static_cast<std::int8_t*>(y) + offset) = word;
  }
}

template <int R, int S, int Stride, int kRows, int kColumns, bool kUnsigned, bool kPlain>
__global__ __launch_bounds__(kElementThreads) void depthwise_conv(
    const __grid_constant__ DepthwiseParams p, const std::int8_t* x, const std::int8_t* z, void* y,
    unsigned total) {
  constexpr int kWindows = DepthwiseTile{R, S, Stride, kRows, kColumns}.windows();
  constexpr int kInputRows = (kRows - 1) * Stride + R;
  constexpr int kInputColumns = (kColumns - 1) * Stride + S;
  begin_in_chain();
  const auto index = static_cast<unsigned>(element_index());
  if (index >= total) return;
  const Place at = place_of<kRows, kColumns>(p, index);
  const ConvGeometry& g = p.g;
  const int k = at.quad * 4;
  const int ih0 = at.oh * Stride - g.pad_top, iw0 = at.ow * Stride - g.pad_left;
  const std::int8_t* from = x + element_offset(p.x, at.n, k, ih0, iw0);

  const int x_step = static_cast<int>(p.x.w), x_row = static_cast<int>(p.x.h);

  int bias[4];
  load_channels(bias, p.epilogue.ibias, k);
  int sums[kRows][kColumns][4];
#pragma unroll
  for (int row = 0; row < kRows; ++row)
#pragma unroll
    for (int column = 0; column < kColumns; ++column)
#pragma unroll
      for (int c = 0; c < 4; ++c) sums[row][column][c] = bias[c];

  bool inside_column[kWindows * 4];
#pragma unroll
  for (int column = 0; column < kWindows * 4; ++column)
    inside_column[column] =
        column < kInputColumns && static_cast<unsigned>(iw0 + column) < static_cast<unsigned>(g.w);
#pragma unroll
  for (int window = 0; window < kWindows; ++window) {
    // The filter of this window: per row and output column a word per channel.
    uint4 filter[R][kColumns];
#pragma unroll
    for (int r = 0; r < R; ++r)
#pragma unroll
      for (int column = 0; column < kColumns; ++column)
        filter[r][column] =
            __ldg(p.filter + ((r * kWindows + window) * kColumns + column) * p.quads + at.quad);
    const std::int8_t* columns[4];  // step from row to row: one addition each
#pragma unroll
    for (int i = 0; i < 4; ++i) columns[i] = from + (window * 4 + i) * x_step;
#pragma unroll
    for (int row = 0; row < kInputRows; ++row) {
      const bool inside_row = static_cast<unsigned>(ih0 + row) < static_cast<unsigned>(g.h);
      std::uint32_t v[4];
#pragma unroll
      for (int i = 0; i < 4; ++i) {
        v[i] = static_cast<std::uint32_t>(p.pad_word);
        if (inside_row && inside_column[window * 4 + i])
          v[i] = __ldg(reinterpret_cast<const std::uint32_t*>(columns[i]));
        columns[i] += x_row;
      }
      transpose4(v);
#pragma unroll
      for (int r = 0; r < R; ++r) {
        if ((row - r) % Stride != 0 || row < r || (row - r) / Stride >= kRows) continue;
        const int to = (row - r) / Stride;
#pragma unroll
        for (int column = 0; column < kColumns; ++column) {
          const uint4& w = filter[r][column];
          int(&sum)[4] = sums[to][column];
          sum[0] = dot4<kUnsigned>(v[0], w.x, sum[0]);
          sum[1] = dot4<kUnsigned>(v[1], w.y, sum[1]);
          sum[2] = dot4<kUnsigned>(v[2], w.z, sum[2]);
          sum[3] = dot4<kUnsigned>(v[3], w.w, sum[3]);
        }
      }
    }
  }

  float m[4], fbias[4];
  load_channels(m, p.epilogue.m, k);
  load_channels(fbias, p.epilogue.fbias, k);
  long long to = element_offset(p.y, at.n, k, at.oh, at.ow);
#pragma unroll
  for (int row = 0; row < kRows; ++row, to += p.y.h)
#pragma unroll
    for (int column = 0; column < kColumns; ++column)
      if (at.oh + row < g.oh && at.ow + column < g.ow)
        store4<kPlain>(p, sums[row][column], k, m, fbias, to + column * static_cast<int>(p.y.w), z,
                       y);
}

template <int kTile>
bool launch_tile(const DepthwiseTile& tile, const DepthwiseParams& p, const void* x, const void* z,
                 void* y, cudaStream_t stream) {
  constexpr DepthwiseTile kShape = kDepthwiseTiles[kTile];
  if (!(tile == kShape)) return false;
  const ConvGeometry& g = p.g;
  const long long total = static_cast<long long>(p.quads) * g.n *
                          ((g.oh + kShape.rows - 1) / kShape.rows) *
                          ((g.ow + kShape.columns - 1) / kShape.columns);
  if (total == 0) return true;
  const bool plain = p.epilogue.plain && p.epilogue.z_mode == EpilogueParams::kNone;
  const auto launch = [&](auto kernel) {
    launch_chained(kernel, {element_blocks(total), kElementThreads}, stream, p,
                   static_cast<const std::int8_t*>(x), static_cast<const std::int8_t*>(z), y,
                   static_cast<unsigned>(total));
  };
#define OCTET_DEPTHWISE(is_unsigned, is_plain)                                          \
  launch(depthwise_conv<kShape.r, kShape.s, kShape.stride, kShape.rows, kShape.columns, \
                        is_unsigned, is_plain>)
  if (p.x_unsigned && plain) OCTET_DEPTHWISE(true, true);
  else if (p.x_unsigned) OCTET_DEPTHWISE(true, false);
  else if (plain) OCTET_DEPTHWISE(false, true);
  else OCTET_DEPTHWISE(false, false);
#undef OCTET_DEPTHWISE
  return true;
}

}  // namespace

void launch_depthwise_conv(const DepthwiseTile& tile, const DepthwiseParams& params, const void* x,
                           const void* z, void* y, cudaStream_t stream) {
  static_assert(sizeof(kDepthwiseTiles) / sizeof(kDepthwiseTiles[0]) == 4, "one line per tile");
  static_cast<void>(launch_tile<0>(tile, params, x, z, y, stream) ||
                    launch_tile<1>(tile, params, x, z, y, stream) ||
                    launch_tile<2>(tile, params, x, z, y, stream) ||
                    launch_tile<3>(tile, params, x, z, y, stream));
}

}  // namespace octet::cuda
