// Convolution as a matrix product on Hopper, NHWC: pixels are M, output channels N.
//
//   producer warpgroup (1 thread)            two consumer warpgroups, a tile each, in turns
//   +-----------------------------+          +---------------------------------------------+
//   | for each tile, each K block:|  ring    | wgmma 64 x N x 32 on the stage, sums in        |
//   |  A: TMA im2col, kM pixels x | =======> | registers; then the epilogue, while the other  |
//   |     kK channels of one tap  | kStages  | warpgroup has the Tensor Cores; 16-byte stores |
//   |  B: bulk copy, packed filter|          | straight to y                                  |
//   +-----------------------------+          +---------------------------------------------+
//   shared memory: kStages x (A kM x kK | B kN x kK), swizzled over kK; then m and bias of all
//   output channels; then the barriers
//
// Filter rows are permuted in packing so that the sums of a thread are runs of 16 channels of one
// pixel: row 8j + 2q + e holds channel 64v + 16q + i, where 16v + i = 2j + e.
// Bound by L2 where channels are few (one read of A per filter tap and output tile), else by wgmma.
#pragma once

#include "backends/cuda/common/ptx_hopper.cuh"
#include "backends/cuda/common/ptx_wgmma.cuh"
#include "backends/cuda/conv/wgmma/epilogue.cuh"

namespace octet::cuda {

template <int M, int N, int K, WgmmaRule Rule, WgmmaZ Z, bool Unsigned, bool Plain>
struct Im2colConv {
  static constexpr int kM = M, kN = N, kK = K;
  static constexpr WgmmaRule kRule = Rule;
  static constexpr WgmmaZ kZ = Z;
  static constexpr bool kUnsigned = Unsigned, kPlain = Plain;
  static constexpr int kBlocksM = M / 64;
  static constexpr int kGroups = N / 64;  // runs of 16 channels that a thread holds per pixel
  static constexpr int kConsumers = 2;
  static constexpr int kThreads = 128 * (kConsumers + 1);
  static constexpr int kABytes = M * K, kBBytes = N * K, kStageBytes = kABytes + kBBytes;
  static constexpr int kStages = 196608 / kStageBytes > 8 ? 8 : 196608 / kStageBytes;
  static constexpr int kBarrierBytes = 2 * kStages * 8;

  static constexpr int shared_bytes(int padded_oc) {
    return 1024 + kStages * kStageBytes + padded_oc * 8 + kBarrierBytes;
  }
  static_assert(M % 64 == 0 && N % 64 == 0, "wgmma rows; runs of 16 channels in each quarter");
  static_assert(K == 64 || K == 128, "a stage is one swizzle span wide");
};

struct Ring {
  std::uint64_t *full, *empty;
};

template <typename G>
__device__ __forceinline__ void produce(const CUtensorMap& map, const WgmmaConvParams& p,
                                        std::uint32_t stages, const Ring& ring, int tiles) {
  int stage = 0, parity = 1;
  for (int tile = static_cast<int>(blockIdx.x); tile < tiles; tile += static_cast<int>(gridDim.x)) {
    const int n_tile = tile % p.n_tiles, first = tile / p.n_tiles * G::kM;
    const int ow = first % p.ow, oh = first / p.ow % p.oh, image = first / p.ow / p.oh;
    const int iw = ow * p.stride_w - p.pad_left, ih = oh * p.stride_h - p.pad_top;
    const std::int8_t* filter =
        p.filter + static_cast<long long>(n_tile) * p.r * p.s * p.c_blocks * G::kBBytes;
    for (int r = 0; r < p.r; ++r)
      for (int s = 0; s < p.s; ++s)
        for (int block = 0; block < p.c_blocks; ++block) {
          const std::uint32_t to = stages + stage * G::kStageBytes;
          barrier_wait(ring.empty + stage, parity);
          barrier_expect(ring.full + stage, G::kStageBytes);
          copy_im2col(to, &map, block * G::kK, iw, ih, image, s * p.dilation_w, r * p.dilation_h,
                      ring.full + stage);
          copy_bulk(to + G::kABytes, filter, G::kBBytes, ring.full + stage);
          filter += G::kBBytes;
          if (++stage == G::kStages) {
            stage = 0;
            parity ^= 1;
          }
        }
  }
}

// The z bytes of this thread, fetched before the products so that they arrive under them.
template <typename G>
struct ZPrefetch {
  uint4 values[G::kZ == WgmmaZ::none ? 1 : G::kBlocksM][2][G::kGroups];

  __device__ __forceinline__ void load(const WgmmaConvParams& p, const std::int8_t* z, int pixel0,
                                       int channel0) {
    if constexpr (G::kZ != WgmmaZ::none) {
#pragma unroll
      for (int m = 0; m < G::kBlocksM; ++m)
#pragma unroll
        for (int half = 0; half < 2; ++half)
#pragma unroll
          for (int v = 0; v < G::kGroups; ++v) {
            const int pixel = pixel0 + m * 64 + half * 8, channel = channel0 + v * 64;
            values[m][half][v] = make_uint4(0, 0, 0, 0);
            if (pixel < p.pixels && channel < p.oc)
              values[m][half][v] = __ldg(reinterpret_cast<const uint4*>(
                  z + static_cast<long long>(pixel) * p.oc + channel));
          }
    }
  }
};

template <typename G>
__device__ __forceinline__ std::uint32_t finish4(const WgmmaConvParams& p, const int (&sums)[4],
                                                 const float* m, const int* bias, std::uint32_t z) {
  if constexpr (G::kPlain) {
    return finish4_plain<G::kRule, G::kZ>(p, sums, m, bias, z);
  } else {
    int q[4];
#pragma unroll
    for (int i = 0; i < 4; ++i)
      q[i] = finish_sum<G::kRule, G::kZ>(p, sums[i], m[i], bias[i], byte_of(z, i, p.z_unsigned));
    return pack_bytes(q[0], q[1], q[2], q[3]);
  }
}

template <typename G>
__device__ __forceinline__ void store_tile(const WgmmaConvParams& p,
                                           int (&acc)[G::kBlocksM][G::kN / 2],
                                           const ZPrefetch<G>& z, std::int8_t* y, const float* m,
                                           const std::int32_t* bias, int pixel0, int channel0) {
#pragma unroll
  for (int v = 0; v < G::kGroups; ++v) {
    const int channel = channel0 + v * 64;
    float scale[16];
    int offset[16];
#pragma unroll
    for (int i = 0; i < 16; i += 4) {
      *reinterpret_cast<float4*>(scale + i) = *reinterpret_cast<const float4*>(m + channel + i);
      *reinterpret_cast<int4*>(offset + i) = *reinterpret_cast<const int4*>(bias + channel + i);
    }
#pragma unroll
    for (int b = 0; b < G::kBlocksM; ++b)
#pragma unroll
      for (int half = 0; half < 2; ++half) {
        const int pixel = pixel0 + b * 64 + half * 8;
        std::uint32_t words[4];
#pragma unroll
        for (int word = 0; word < 4; ++word) {
          int sums[4];
#pragma unroll
          for (int e = 0; e < 4; ++e) {
            const int held = v * 16 + word * 4 + e;
            sums[e] = acc[b][held / 2 * 4 + half * 2 + held % 2];
          }
          std::uint32_t z_word = 0;
          if constexpr (G::kZ != WgmmaZ::none)
            z_word = reinterpret_cast<const std::uint32_t*>(&z.values[b][half][v])[word];
          words[word] = finish4<G>(p, sums, scale + word * 4, offset + word * 4, z_word);
        }
        if (pixel < p.pixels && channel < p.oc)
          *reinterpret_cast<uint4*>(y + static_cast<long long>(pixel) * p.oc + channel) =
              make_uint4(words[0], words[1], words[2], words[3]);
      }
  }
}

template <typename G>
__device__ __forceinline__ void consume(const WgmmaConvParams& p, const std::int8_t* z,
                                        std::int8_t* y, std::uint32_t stages, const Ring& ring,
                                        const float* m, const std::int32_t* bias, int group,
                                        int tiles) {
  const int tid = static_cast<int>(threadIdx.x) % 128, lane = tid % 32;
  const int row = tid / 32 * 16 + lane / 4;  // of the first sum of this thread in a block of 64
  const int k_tiles = p.r * p.s * p.c_blocks;
  int local = group;  // tiles of this block, counted over both warpgroups
  // Barrier 1 + g: warpgroup g may use the Tensor Cores.
  if (group == 1) named_barrier_arrive(1, 256);
  for (int tile = static_cast<int>(blockIdx.x) + group * static_cast<int>(gridDim.x); tile < tiles;
       tile += G::kConsumers * static_cast<int>(gridDim.x), local += G::kConsumers) {
    const int pixel0 = tile / p.n_tiles * G::kM + row;
    const int channel0 = tile % p.n_tiles * G::kN + lane % 4 * 16;
    ZPrefetch<G> z_values;
    z_values.load(p, z, pixel0, channel0);

    int acc[G::kBlocksM][G::kN / 2];
    long long position = static_cast<long long>(local) * k_tiles;
    named_barrier_sync(1 + group, 256);
    for (int kt = 0; kt < k_tiles; ++kt, ++position) {
      const int stage = static_cast<int>(position % G::kStages);
      barrier_wait(ring.full + stage, static_cast<int>(position / G::kStages & 1));
      const std::uint32_t a = stages + stage * G::kStageBytes, b = a + G::kABytes;
      wgmma_fence();
#pragma unroll
      for (int step = 0; step < G::kK / 32; ++step)
#pragma unroll
        for (int block = 0; block < G::kBlocksM; ++block)
          Wgmma<G::kN, G::kUnsigned>::run(
              acc[block], matrix_descriptor<G::kK>(a + block * 64 * G::kK + step * 32),
              matrix_descriptor<G::kK>(b + step * 32), kt > 0 || step > 0);
      wgmma_commit();
      wgmma_wait<1>();
      // The stage before this one has been read by this warp's quarter of the warpgroup.
      if (kt > 0 && lane == 0)
        barrier_arrive(ring.empty + static_cast<int>((position - 1) % G::kStages));
    }
    // Hand the Tensor Cores over while the last products run.
    named_barrier_arrive(2 - group, 256);
    wgmma_wait<0>();
    if (lane == 0) barrier_arrive(ring.empty + static_cast<int>((position - 1) % G::kStages));
    store_tile<G>(p, acc, z_values, y, m, bias, pixel0, channel0);
  }
  // One turn was offered that nobody took; take it, so that no barrier is left half full.
  const int tiles_here = (tiles - static_cast<int>(blockIdx.x) + static_cast<int>(gridDim.x) - 1) /
                         static_cast<int>(gridDim.x);
  if (tiles_here % G::kConsumers == group) named_barrier_sync(1 + group, 256);
}

template <typename G>
__global__ __launch_bounds__(G::kThreads,
                             1) void im2col_conv(const __grid_constant__ CUtensorMap map,
                                                 const __grid_constant__ WgmmaConvParams p,
                                                 const std::int8_t* z, std::int8_t* y) {
#ifdef __CUDA_ARCH_FEAT_SM90_ALL  // other devices never get this kernel: see has_wgmma()
  extern __shared__ std::uint8_t raw[];
  const int tid = static_cast<int>(threadIdx.x);
  // The role is uniform over a warp; saying so keeps wgmma from being serialised.
  const int group = __shfl_sync(~0u, tid / 128, 0);
  const std::uint32_t stages = (smem_address(raw) + 1023) & ~1023u;
  std::uint8_t* after = raw + (stages - smem_address(raw)) + G::kStages * G::kStageBytes;
  const int padded_oc = p.n_tiles * G::kN;
  auto* m = reinterpret_cast<float*>(after);
  auto* bias = reinterpret_cast<std::int32_t*>(m + padded_oc);
  auto* full = reinterpret_cast<std::uint64_t*>(bias + padded_oc);
  const Ring ring{full, full + G::kStages};

  if (tid == 0) {
    prefetch_map(&map);
    for (int i = 0; i < G::kStages; ++i) {
      barrier_init(ring.full + i, 1);
      barrier_init(ring.empty + i, 4);  // one arrival per warp of the warpgroup that read it
    }
  }
  for (int i = tid; i < padded_oc; i += G::kThreads) {
    m[i] = p.m[i];
    bias[i] = p.bias[i];
  }
  fence_async_proxy();
  __syncthreads();

  const int tiles = (p.pixels + G::kM - 1) / G::kM * p.n_tiles;
  if (group == G::kConsumers) {
    release_registers<24>();
    if (tid == G::kConsumers * 128) produce<G>(map, p, stages, ring, tiles);
  } else {
    take_registers<240>();
    consume<G>(p, z, y, stages, ring, m, bias, group, tiles);
  }
#endif
}

template <typename G>
void launch_im2col_conv(const CUtensorMap& x, const WgmmaConvParams& params, const std::int8_t* z,
                        std::int8_t* y, int multiprocessors, cudaStream_t stream) {
  const auto kernel = im2col_conv<G>;
  const int shared = G::shared_bytes(params.n_tiles * G::kN);
  cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, shared);
  const int tiles = (params.pixels + G::kM - 1) / G::kM * params.n_tiles;
  const int blocks = tiles < multiprocessors ? tiles : multiprocessors;
  kernel<<<blocks, G::kThreads, shared, stream>>>(x, params, z, y);
}

}  // namespace octet::cuda
