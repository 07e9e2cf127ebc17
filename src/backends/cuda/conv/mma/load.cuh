// How a tile of the input (A) and of the filter (B) reaches shared memory.
#pragma once

#include "backends/cuda/common/ptx_mma.cuh"
#include "backends/cuda/conv/mma/implicit_gemm.hpp"

namespace octet::cuda {

__device__ __forceinline__ void split_pixel(const ImplicitGemmParams& p, int row, int* n, int* oh,
                                            int* ow) {
  const int inside = row % p.inner;
  row /= p.inner;
  *ow = row % p.ow;
  row /= p.ow;
  *oh = row % p.oh;
  *n = row / p.oh * p.inner + inside;
}

// One output pixel, as the loads see it.
struct PixelSource {
  int base;      // offset of its first tap in x; may lie before the image
  int position;  // row and column of its first tap, 16 bits each
};

__device__ __forceinline__ PixelSource source_of(const ImplicitGemmParams& p, int row) {
  if (row >= p.m) return {0, -kOutside * 0x10000};  // outside the image whatever the tap
  int n, oh, ow;
  split_pixel(p, row, &n, &oh, &ow);
  const int ih = oh * p.stride_h - p.pad_top, iw = ow * p.stride_w - p.pad_left;
  return {static_cast<int>(n * p.x.n + ih * p.x.h + iw * p.x.w),
          static_cast<int>(static_cast<unsigned>(ih) << 16 | (static_cast<unsigned>(iw) & 0xffff))};
}

__device__ __forceinline__ bool is_inside(const ImplicitGemmParams& p, const PixelSource& pixel,
                                          const KEntry& entry) {
  const int ih = (pixel.position >> 16) + entry.dh;
  const int iw = static_cast<short>(pixel.position) + entry.dw;
  return static_cast<unsigned>(ih) < static_cast<unsigned>(p.h) &&
         static_cast<unsigned>(iw) < static_cast<unsigned>(p.w);
}

template <int kBytes>
__device__ __forceinline__ void load_piece(const ImplicitGemmParams& p, const std::int8_t* x,
                                           const PixelSource& pixel, const KEntry& entry,
                                           std::uint32_t to) {
  const bool inside = is_inside(p, pixel, entry);
  const std::int8_t* from = x + pixel.base + entry.offset;
  if (p.pad_word == 0) copy_or_zero<kBytes>(to, from, inside);
  else if (inside) copy_async<kBytes>(to, from);
  else store_shared<kBytes>(to, p.pad_word);
}

// The part of A that a thread brings: some rows, some pieces of K.
//   chunk : rows tid / 4 + i * (threads / 4), piece tid % 4
//   word  : rows tid % M + i * threads,       pieces tid / M + ...
//   images: rows 4 * (tid % (M / 4)),         pieces tid / (M / 4) + ...
template <typename G>
struct LoaderA {
  static constexpr bool kChunk = G::kLoader == Loader::chunk;
  static constexpr int kRowsOfCopy = G::kLoader == Loader::images ? 4 : 1;
  static constexpr int kSlots = G::kM / kRowsOfCopy;  // copies that make one piece of K of all rows
  static constexpr int kStep = kSlots > G::kThreads ? 1 : G::kThreads / kSlots;
  static constexpr int kPixels = kChunk                 ? G::kM / (G::kThreads / 4)
                                 : kSlots > G::kThreads ? kSlots / G::kThreads
                                                        : 1;
  static constexpr int kEntries = kChunk ? 1 : G::kWords / kStep;  // of the table, per tile

  PixelSource pixels[kPixels];
  KEntry entry;  // chunk form: of the next tile, fetched one tile ahead

  static __device__ __forceinline__ int row_of(int i) {
    const int tid = static_cast<int>(threadIdx.x);
    if constexpr (kChunk) return tid / 4 + i * (G::kThreads / 4);
    else return tid % kSlots * kRowsOfCopy + i * G::kThreads;
  }

  __device__ __forceinline__ void start(const ImplicitGemmParams& p, int row0, int first_kt) {
#pragma unroll
    for (int i = 0; i < kPixels; ++i) pixels[i] = source_of(p, row0 + row_of(i));
    if constexpr (kChunk) entry = p.table[first_kt * 4 + static_cast<int>(threadIdx.x) % 4];
  }

  // Brings tile `kt` to shared memory at `to`; called for kt = first_kt, first_kt + 1, ...
  __device__ __forceinline__ void load(const ImplicitGemmParams& p, const std::int8_t* x, int kt,
                                       std::uint32_t to) {
    if constexpr (kChunk) {
      const int chunk = static_cast<int>(threadIdx.x) % 4;
      const KEntry now = entry;
      if (kt + 1 < p.k_tiles) entry = p.table[(kt + 1) * 4 + chunk];
#pragma unroll
      for (int i = 0; i < kPixels; ++i) {
        const int row = row_of(i);
        load_piece<16>(p, x, pixels[i], now, to + row * kGemmK + ((chunk ^ (row >> 1 & 3)) << 4));
      }
    } else {
      const int first = static_cast<int>(threadIdx.x) / kSlots % kStep;
      // Two batches, so that the table's latency is paid twice and not for every piece.
      constexpr int kBatch = kEntries > 8 ? 8 : kEntries;
#pragma unroll
      for (int begin = 0; begin < kEntries; begin += kBatch) {
        KEntry entries[kBatch];
#pragma unroll
        for (int e = 0; e < kBatch; ++e)
          entries[e] = p.table[kt * G::kWords + first + (begin + e) * kStep];
#pragma unroll
        for (int e = 0; e < kBatch; ++e)
#pragma unroll
          for (int i = 0; i < kPixels; ++i)
            load_piece<4 * kRowsOfCopy>(
                p, x, pixels[i], entries[e],
                to + ((first + (begin + e) * kStep) * G::kWordRows + row_of(i)) * 4);
      }
    }
  }
};

// The filter's tile lies in memory as shared memory wants it.
template <typename G>
__device__ __forceinline__ void load_b(const std::int8_t* tile, std::uint32_t to) {
#pragma unroll
  for (int i = 0; i < G::kBBytes; i += G::kThreads * 16) {
    const int at = i + static_cast<int>(threadIdx.x) * 16;
    if (G::kBBytes % (G::kThreads * 16) == 0 || at < G::kBBytes) copy_async<16>(to + at, tile + at);
  }
}

}  // namespace octet::cuda
