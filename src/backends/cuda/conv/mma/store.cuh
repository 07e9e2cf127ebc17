// From sums in registers to y. A thread holds kRun neighbouring channels of each of its rows, since
// the host permutes the filter's rows (plan.cpp), so it stores vectors straight to memory: 16 bytes
// in NHWC and NCHW32; in NCHW4 and CHWN4 words, of which eight lanes make a sector.
#pragma once

#include "backends/cuda/common/epilogue.cuh"
#include "backends/cuda/conv/mma/load.cuh"

namespace octet::cuda {

// Offset of channel k within a pixel.
__device__ __forceinline__ int y_channel(const ImplicitGemmParams& p, int k) {
  return (k >> p.y_shift) * p.y_plane + (k & ((1 << p.y_shift) - 1));
}

template <typename G>
using Sums = int[G::kFragmentsM][G::kFragmentsN][4];

// Sum `c` of the run that a thread holds for its row `r`; constants after unrolling.
template <typename G>
__device__ __forceinline__ int sum_at(const Sums<G>& acc, int r, int c) {
  return acc[r / 2][c / 2][r % 2 * 2 + c % 2];
}

// What a thread stores: its rows begin at `row0` (of the tile), its channels at `k0`.
struct StorePlace {
  const int* row_offsets;  // of the tile's rows in y, in shared memory; negative: no pixel
  int row0, k0;

  // Rows go in pairs i and i + 8 of fragments of 16.
  __device__ __forceinline__ int offset(int r) const {
    return row_offsets[row0 + r / 2 * 16 + r % 2 * 8];
  }
};

// The word of channels k..k+3 of a pixel, which lie side by side.
__device__ __forceinline__ std::uint32_t load_word(const ImplicitGemmParams& p,
                                                   const std::int8_t* z, int offset, int k) {
  return k < p.oc_memory
             ? __ldg(reinterpret_cast<const std::uint32_t*>(z + offset + y_channel(p, k)))
             : 0;
}
__device__ __forceinline__ void store_word(const ImplicitGemmParams& p, std::int8_t* y, int offset,
                                           int k, std::uint32_t word) {
  if (k < p.oc_memory) *reinterpret_cast<std::uint32_t*>(y + offset + y_channel(p, k)) = word;
}

// The same for channels that may lie apart.
__device__ __forceinline__ std::uint32_t load_z4(const ImplicitGemmParams& p, const std::int8_t* z,
                                                 int offset, int k) {
  if (p.y_granule >= 4) return load_word(p, z, offset, k);
  std::uint32_t word = 0;
  for (int i = 0; i < 4 && k + i < p.oc; ++i)
    word |= static_cast<std::uint32_t>(static_cast<std::uint8_t>(z[offset + y_channel(p, k + i)]))
            << (8 * i);
  return word;
}

__device__ __forceinline__ void store_y4(const ImplicitGemmParams& p, std::int8_t* y, int offset,
                                         int k, std::uint32_t word) {
  if (p.y_granule >= 4) return store_word(p, y, offset, k, word);
  for (int i = 0; i < 4 && k + i < p.oc; ++i)
    y[offset + y_channel(p, k + i)] = static_cast<std::int8_t>(word >> (8 * i));
}

// The plain form (common/epilogue.cuh), unrolled over the registers, where channels lie in fours.
template <typename G, int kZMode>
__device__ __forceinline__ void store_plain(const ImplicitGemmParams& p, const Sums<G>& acc,
                                            const StorePlace& place, const std::int8_t* z,
                                            std::int8_t* y) {
  constexpr int kWords = G::kRun / 4;
  using Vector = typename G::RunVector;
  const bool vectors = p.y_granule >= 16 && place.k0 + G::kRun <= p.oc_memory;
  const int channel = y_channel(p, place.k0);
  std::uint32_t words[G::kRows][kWords];
  if constexpr (kZMode != EpilogueParams::kNone) {
#pragma unroll
    for (int r = 0; r < G::kRows; ++r) {
      const int offset = place.offset(r);
#pragma unroll
      for (int g = 0; g < kWords; ++g) words[r][g] = 0;
      if (offset < 0) continue;
      if (vectors) {
        *reinterpret_cast<Vector*>(words[r]) =
            __ldg(reinterpret_cast<const Vector*>(z + offset + channel));
      } else {
#pragma unroll
        for (int g = 0; g < kWords; ++g) words[r][g] = load_word(p, z, offset, place.k0 + g * 4);
      }
    }
  }
#pragma unroll
  for (int g = 0; g < kWords; ++g) {
    float m[4], fbias[4];
    load_channels(m, p.epilogue.m, place.k0 + g * 4);
    load_channels(fbias, p.epilogue.fbias, place.k0 + g * 4);
#pragma unroll
    for (int r = 0; r < G::kRows; ++r) {
      int sums[4];
#pragma unroll
      for (int i = 0; i < 4; ++i) sums[i] = sum_at<G>(acc, r, g * 4 + i);
      words[r][g] = finish4_plain<kZMode>(p.epilogue, sums, m, fbias, words[r][g]);
    }
  }
#pragma unroll
  for (int r = 0; r < G::kRows; ++r) {
    const int offset = place.offset(r);
    if (offset < 0) continue;
    if (vectors) {
      *reinterpret_cast<Vector*>(y + offset + channel) = *reinterpret_cast<const Vector*>(words[r]);
    } else {
#pragma unroll
      for (int g = 0; g < kWords; ++g) store_word(p, y, offset, place.k0 + g * 4, words[r][g]);
    }
  }
}

// Four channels of one pixel by any form, to bytes, floats or bare sums.
__device__ __forceinline__ void store_any4(const ImplicitGemmParams& p, const int (&sums)[4],
                                           int offset, int k, const std::int8_t* z, void* y) {
  float m[4], fbias[4];
  load_channels(m, p.epilogue.m, k);
  load_channels(fbias, p.epilogue.fbias, k);
  const std::uint32_t zs = z == nullptr ? 0 : load_z4(p, z, offset, k);
  if (!p.sum_output && !p.epilogue.float_output) {
    std::uint32_t word = finish4(p.epilogue, sums, m, fbias, zs, p.z_unsigned);
    const auto fill = static_cast<std::uint32_t>(static_cast<int>(p.epilogue.quantiser.zero_point));
    for (int i = 0; i < 4; ++i)  // padding channels hold the zero point
      if (k + i >= p.oc) word = (word & ~(0xffu << (8 * i))) | (fill & 0xff) << (8 * i);
    store_y4(p, static_cast<std::int8_t*>(y), offset, k, word);
    return;
  }
  const int z4[4] = {byte_of(zs, 0, p.z_unsigned), byte_of(zs, 1, p.z_unsigned),
                     byte_of(zs, 2, p.z_unsigned), byte_of(zs, 3, p.z_unsigned)};
  float v[4];
  finish_values(p.epilogue, sums, m, fbias, z4, v);
#pragma unroll
  for (int i = 0; i < 4; ++i) {
    if (k + i >= p.oc_memory) return;
    const int at = offset + y_channel(p, k + i);
    if (p.sum_output) static_cast<int*>(y)[at] = k + i < p.oc ? sums[i] : 0;
    else static_cast<float*>(y)[at] = k + i < p.oc ? v[i] : 0.0f;
  }
}

// The bare sums of a part of K, vectors of four channels; see GemmParts.
template <typename G>
__device__ __forceinline__ void store_part(const Sums<G>& acc, int row0, int k0, int* parts) {
  const int rows = static_cast<int>(gridDim.x) * G::kM, width = static_cast<int>(gridDim.y) * G::kN;
  int* to = parts + (static_cast<long long>(blockIdx.z) * rows + row0) * width + k0;
#pragma unroll
  for (int r = 0; r < G::kRows; ++r)
#pragma unroll
    for (int g = 0; g < G::kRun / 4; ++g)
      *reinterpret_cast<int4*>(to + (r / 2 * 16 + r % 2 * 8) * width + g * 4) =
          make_int4(sum_at<G>(acc, r, g * 4), sum_at<G>(acc, r, g * 4 + 1),
                    sum_at<G>(acc, r, g * 4 + 2), sum_at<G>(acc, r, g * 4 + 3));
}

// Every other form: the sums are parked in shared memory (each thread its own), so that one small
// loop serves all of them.
template <typename G>
__device__ __forceinline__ void store_any(const ImplicitGemmParams& p, const Sums<G>& acc,
                                          const StorePlace& place, int4* shared,
                                          const std::int8_t* z, void* y) {
  constexpr int kWords = G::kRun / 4;
  int4* park = shared + threadIdx.x;
#pragma unroll
  for (int r = 0; r < G::kRows; ++r)
#pragma unroll
    for (int g = 0; g < kWords; ++g)
      park[(r * kWords + g) * G::kThreads] =
          make_int4(sum_at<G>(acc, r, g * 4), sum_at<G>(acc, r, g * 4 + 1),
                    sum_at<G>(acc, r, g * 4 + 2), sum_at<G>(acc, r, g * 4 + 3));
#pragma unroll 1
  for (int piece = 0; piece < G::kRows * kWords; ++piece) {
    const int offset = place.offset(piece / kWords);
    if (offset < 0) continue;
    const int4 parked = park[piece * G::kThreads];
    const int sums[4] = {parked.x, parked.y, parked.z, parked.w};
    store_any4(p, sums, offset, place.k0 + piece % kWords * 4, z, y);
  }
}

template <typename G>
__device__ __forceinline__ void store_tile(const ImplicitGemmParams& p, const Sums<G>& acc,
                                           const StorePlace& place, int4* shared,
                                           const std::int8_t* z, void* y) {
  const EpilogueParams& e = p.epilogue;
  if (!e.plain || p.z_unsigned || p.y_granule < 4) return store_any<G>(p, acc, place, shared, z, y);
  auto* bytes = static_cast<std::int8_t*>(y);
  if (e.z_mode == EpilogueParams::kNone)
    store_plain<G, EpilogueParams::kNone>(p, acc, place, z, bytes);
  else if (e.z_mode == EpilogueParams::kOnce)
    store_plain<G, EpilogueParams::kOnce>(p, acc, place, z, bytes);
  else store_plain<G, EpilogueParams::kTwice>(p, acc, place, z, bytes);
}

}  // namespace octet::cuda
