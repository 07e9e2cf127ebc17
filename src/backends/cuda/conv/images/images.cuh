// Convolution on Hopper in CHWN4: the images of a pixel are the rows of the product.
//
//   producer warpgroup (2 threads)            consumer warpgroups, in teams of kGroups
//   +------------------------------+          +------------------------------------------------+
//   | for each tile, filter row,   |   ring   | a team has a tile, a warpgroup kBlocksM x 64   |
//   | 64 channels: TMA boxes of x, | =======> | rows of it: words of x from shared memory into |
//   | 32 images x 16 words x       |  stages  | registers, wgmma 64 x kN x 32 with the filter  |
//   | pixels; the row's taps       |          | in shared memory; then the epilogue, while the |
//   | for each tile: z by TMA      | =======> | other team has the Tensor Cores; TMA stores y  |
//   +------------------------------+  slots   +------------------------------------------------+
//   shared memory: | ring: stages x (x | taps of a filter row, kN x 64, swizzled) |
//                  | slots: 1 or 2 a warpgroup, a span each 32 rows x kN | filter where it fits |
//                  | m, bias of all channels | barriers |
//
// In CHWN4 a run of K is 4 bytes, too short for an operand in shared memory; but it is what a
// register of wgmma's left operand holds. So x is read by words, from any address: no tap, stride
// or dilation costs more than another, and the taps of a filter row share what was loaded.
//
//   x and a slot: a line per word of channels, 32 images x 4 bytes, 16-byte chunks XORed with the
//   line's number. Lane (g, q) reads lines 2q and 2q + 1, images g and g + 8: all banks differ.
//   Hence the order of K in a product: words 0 2 4 6 1 3 5 7 of 8; and of the output channels:
//   a thread's sums are words 2q, 2q + 1 of each 8, of the images g and g + 8.
//
// Bound by wgmma where channels are many, by memory where the filter is 1x1 and they are few.
#pragma once

#include "backends/cuda/common/dynamic_shared_memory.cuh"
#include "backends/cuda/common/ptx_hopper.cuh"
#include "backends/cuda/common/ptx_wgmma_rows.cuh"
#include "backends/cuda/common/warpgroup.cuh"
#include "backends/cuda/conv/images/params.hpp"
#include "backends/cuda/conv/wgmma/epilogue.cuh"
#include "backends/cuda/conv/wgmma/pipeline.cuh"

namespace octet::cuda {

template <int Tile, WgmmaRule Rule, WgmmaZ Z, bool Plain>
struct ImagesConv {
  static constexpr ImagesTile kTile = kImagesTiles[Tile];
  static constexpr int kGroups = kTile.groups, kTeams = kTile.teams, kN = kTile.n;
  static constexpr int kConsumers = kGroups * kTeams, kThreads = 128 * (kConsumers + 1);
  static constexpr int kBlocksM = kTile.m / kGroups / 64;  // of a warpgroup
  static constexpr int kSpans = 2 * kBlocksM;              // alike
  static constexpr WgmmaRule kRule = Rule;
  static constexpr WgmmaZ kZ = Z;
  static constexpr bool kPlain = Plain;
  static constexpr int kProducerRegisters = 40, kRegisters = 232;
  static constexpr int kLine = 4 * kSpanImages;  // bytes of a word of channels
  static constexpr int kTapBytes = kN * kImagesDepth, kSteps = kImagesDepth / 32;
  static constexpr int kSpanBytes = kN / 4 * kLine;  // of a slot
  static constexpr int kSlots = wgmma_slots(Z), kSlotBytes = kSpans * kSpanBytes;
};

// Where a tile begins: images last, so that blocks that run together share their pixels' halo.
struct ImagesOrigin {
  int image, column, row;
  __device__ __forceinline__ ImagesOrigin(const ImagesParams& p, int tile) {
    const int line = tile / p.tiles_n;
    image = (tile - line * p.tiles_n) * p.spans.blocks * kSpanImages;
    row = line / p.tiles_w;
    column = (line - row * p.tiles_w) * p.spans.columns;
  }
};

// Where the i-th span of a tile lies in it.
struct SpanPlace {
  int column, block;
  __device__ __forceinline__ SpanPlace(const ImagesParams& p, int i)
      : column(i % p.spans.columns), block(i / p.spans.columns) {}
};

template <typename G>
__device__ __forceinline__ void produce(const CUtensorMap& map, const ImagesParams& p,
                                        const BlockShared<G>& shared, int m_tiles) {
  const WgmmaConvParams& c = p.conv;
  const int taps = c.s * G::kTapBytes;
  RingPosition at{0, 1};
  wait_for_earlier_kernels();
  for (TileWalk tile(c); tile.m < m_tiles; tile.advance(c, c.block_step)) {
    const ImagesOrigin origin(p, tile.m);
    const int iw = origin.column * c.stride_w - c.pad_left;
    const int ih = origin.row * c.stride_h - c.pad_top;
    const std::int8_t* filter = c.filter + static_cast<long long>(tile.n) * c.k_tiles * taps;
    for (int r = 0; r < c.r; ++r)
      for (int block = 0; block < c.c_blocks; ++block) {
        const std::uint32_t to = shared.ring + at.stage * p.stage_bytes;
        std::uint64_t* const full = shared.full + at.stage;
        barrier_wait(shared.empty + at.stage, at.parity);
        barrier_expect(full, p.stage_bytes);
        for (int images = 0; images < p.spans.blocks; ++images)
          copy_box(to + images * p.span_bytes, &map, origin.image + images * kSpanImages,
                   block * (kImagesDepth / 4), iw, ih + r * c.dilation_h, full);
        if (!c.resident) copy_bulk(to + p.x_bytes, filter, taps, full);
        filter += taps;
        at.advance(c.stages);
      }
  }
}

// Calls copy(slot, image, word, column, row) for the spans of a warpgroup's part of a tile.
template <typename G, typename Copy>
__device__ __forceinline__ void for_spans(const ImagesParams& p, int m_tile, int n_tile, int part,
                                          std::uint32_t slot, Copy copy) {
  const ImagesOrigin origin(p, m_tile);
  for (int i = 0; i < G::kSpans; ++i) {
    const SpanPlace place(p, part * G::kSpans + i);
    copy(slot + i * G::kSpanBytes, origin.image + place.block * kSpanImages, n_tile * (G::kN / 4),
         origin.column + place.column, origin.row);
  }
}

// Of a lane in a span: the byte of word 2q of image g, or with `second` of image g + 8.
__device__ __forceinline__ std::uint32_t lane_byte(int tid, int second) {
  const int lane = tid % 32, g = lane / 4, line = lane % 4 * 2;
  const int chunk = tid / 32 % 2 * 4 + second * 2 + g / 4;
  return line * (4 * kSpanImages) + ((chunk ^ line) << 4) + g % 4 * 4;
}
// The same of word 2q + 1.
__device__ __forceinline__ std::uint32_t next_line(std::uint32_t byte) {
  return (byte ^ 16) + 4 * kSpanImages;
}

// The left operand of 64 rows, 32 channels: `at` as lane_byte() says, of both images. `offset` is
// constant, and so a part of the loads.
__device__ __forceinline__ void load_rows(std::uint32_t (&a)[4], const std::uint32_t (&at)[4],
                                          std::uint32_t base, std::uint32_t offset) {
#pragma unroll
  for (int i = 0; i < 4; ++i) a[i] = load_shared_4(base + at[i] + offset);
}

template <typename G>
struct ImagesReader {
  std::uint32_t at[4];               // of a lane in a span
  std::uint32_t spans[G::kBlocksM];  // of this warp's half of each 64 rows, in a stage

  __device__ __forceinline__ ImagesReader(const ImagesParams& p, int part, int tid) {
    at[0] = lane_byte(tid, 0);
    at[1] = lane_byte(tid, 1);
    at[2] = next_line(at[0]);
    at[3] = next_line(at[1]);
#pragma unroll
    for (int block = 0; block < G::kBlocksM; ++block) {
      const SpanPlace place(p, part * G::kSpans + 2 * block + tid / 64);
      spans[block] = place.block * p.span_bytes +
                     place.column * p.conv.stride_w * (kImagesDepth / 4 * G::kLine);
    }
  }
};

// One warpgroup's part of the sums of a tile. While a product runs, the words of the next are read.
template <typename G>
__device__ __forceinline__ void multiply_tile(const ImagesParams& p, const BlockShared<G>& shared,
                                              const ImagesReader<G>& reader,
                                              int (&acc)[G::kBlocksM][G::kN / 2], RingPosition& at,
                                              int team, std::uint32_t filter, int lane) {
  const WgmmaConvParams& c = p.conv;
  std::uint32_t rows[2][G::kBlocksM][4];
  int last = 0;
  Turns<G>::take(team);
  for (int kt = 0; kt < c.k_tiles; ++kt) {
    barrier_wait(shared.full + at.stage, at.parity);
    const std::uint32_t stage = shared.ring + at.stage * p.stage_bytes;
    const std::uint32_t taps = c.resident ? filter + kt * c.s * G::kTapBytes : stage + p.x_bytes;
    for (int s = 0; s < c.s; ++s) {
      const std::uint64_t b = matrix_descriptor<kImagesDepth>(taps + s * G::kTapBytes);
#pragma unroll
      for (int step = 0; step < G::kSteps; ++step) {
        auto& held = rows[step % 2];
#pragma unroll
        for (int block = 0; block < G::kBlocksM; ++block)
          load_rows(held[block], reader.at, stage + reader.spans[block] + s * p.tap_bytes,
                    step * 8 * G::kLine);
        wgmma_fence();
#pragma unroll
        for (int block = 0; block < G::kBlocksM; ++block)
          WgmmaRows<G::kN, false>::run(acc[block], held[block], descriptor_after(b, step * 32),
                                       kt > 0 || s > 0 || step > 0);
        wgmma_commit();
        wgmma_wait<1>();
        // The stage before this one has been read.
        if (step == 0 && s == 0 && kt > 0 && lane == 0) barrier_arrive(shared.empty + last);
      }
    }
    last = at.stage;
    at.advance(c.stages);
  }
  Turns<G>::hand_over(team);  // while the last products run
  wgmma_wait<0>();
  if (lane == 0) barrier_arrive(shared.empty + last);
}

// From the sums and the slot's z to the slot's y. `m` and `bias` begin at this tile's channels.
template <typename G, Finish kFinish>
__device__ __forceinline__ void finish_tile(const WgmmaConvParams& p,
                                            int (&acc)[G::kBlocksM][G::kN / 2], std::uint32_t slot,
                                            const float* m, const std::int32_t* bias, int tid) {
  const std::uint32_t of_warp = slot + tid / 64 * G::kSpanBytes;
  const std::uint32_t images[2] = {of_warp + lane_byte(tid, 0), of_warp + lane_byte(tid, 1)};
#pragma unroll
  for (int pair = 0; pair < G::kN / 16; ++pair) {  // of 8 columns of the product: a word a thread
    const int word = pair / 2 * 8 + tid % 4 * 2 + pair % 2;
    float scale[4];
    int offset[4];
    *reinterpret_cast<float4*>(scale) = *reinterpret_cast<const float4*>(m + 4 * word);
    *reinterpret_cast<int4*>(offset) = *reinterpret_cast<const int4*>(bias + 4 * word);
#pragma unroll
    for (int block = 0; block < G::kBlocksM; ++block)
#pragma unroll
      for (int second = 0; second < 2; ++second) {
        const std::uint32_t first = images[second];
        const std::uint32_t at = (pair % 2 == 0 ? first : next_line(first)) +
                                 pair / 2 * 8 * G::kLine + 2 * block * G::kSpanBytes;
        const int(&of)[G::kN / 2] = acc[block];
        const int i = 8 * pair + 2 * second;
        const std::uint32_t z = G::kZ == WgmmaZ::none ? 0 : load_shared_4(at);
        store_shared_4(
            at, finish4<G, kFinish>(p, {of[i], of[i + 1], of[i + 4], of[i + 5]}, scale, offset, z));
      }
  }
}

template <typename G>
__device__ __forceinline__ void consume(const ImagesMaps& maps, const ImagesParams& p,
                                        const BlockShared<G>& shared, int group, int m_tiles) {
  const WgmmaConvParams& c = p.conv;
  const int tid = static_cast<int>(threadIdx.x) % 128;
  const int team = group / G::kGroups, part = group % G::kGroups;
  const ImagesReader<G> reader(p, part, tid);
  using Sums = int[G::kBlocksM][G::kN / 2];
  consume_tiles<G>(
      c, shared, group, m_tiles,
      [&](Sums& acc, const TileWalk& tile, RingPosition& at) {
        multiply_tile<G>(p, shared, reader, acc, at, team,
                         shared.filter + tile.n * c.k_tiles * c.s * G::kTapBytes, tid % 32);
      },
      [&]<Finish kFinish>(Sums& acc, std::uint32_t slot, const float* m, const std::int32_t* bias) {
        finish_tile<G, kFinish>(c, acc, slot, m, bias, tid);
      },
      [&](std::uint32_t slot, const TileWalk& tile) {
        for_spans<G>(p, tile.m, tile.n, part, slot,
                     [&](std::uint32_t from, int image, int word, int column, int row) {
                       store_box(&maps.y, from, image, word, column, row);
                     });
      });
}

template <typename G>
__global__ __launch_bounds__(G::kThreads,
                             1) void images_conv(const __grid_constant__ ImagesMaps maps,
                                                 const __grid_constant__ ImagesParams p) {
#ifdef __CUDA_ARCH_FEAT_SM90_ALL  // other devices never get this kernel: see has_wgmma()
  std::uint8_t* const raw = dynamic_shared_memory();
  const int tid = static_cast<int>(threadIdx.x);
  const int group = warpgroup();
  const int taps = p.conv.s * G::kTapBytes, parts = p.conv.n_tiles * p.conv.k_tiles;
  const BlockShared<G> shared(raw, p.conv, p.stage_bytes, parts * taps);
  if (tid == 0) {
    prefetch_map(&maps.x);
    prefetch_map(&maps.y);
  }
  prepare_block(shared, p.conv, parts, taps);

  const int m_tiles = p.tiles_h * p.tiles_w * p.tiles_n;
  if (group == G::kConsumers) {
    release_registers<G::kProducerRegisters>();
    const int warp = warp_of_block() - 4 * G::kConsumers;
    if (warp > 1 || !elected()) return;
    if (warp == 0) produce<G>(maps.x, p, shared, m_tiles);
    else if constexpr (G::kZ != WgmmaZ::none)
      produce_z(p.conv, shared, m_tiles,
                [&](std::uint32_t to, const TileWalk& tile, int part, std::uint64_t* full) {
                  for_spans<G>(p, tile.m, tile.n, part, to,
                               [&](std::uint32_t slot, int image, int word, int column, int row) {
                                 copy_box(slot, &maps.z, image, word, column, row, full);
                               });
                });
  } else {
    take_registers<G::kRegisters>();
    consume<G>(maps, p, shared, group, m_tiles);
  }
#endif
}

template <typename G>
void launch_images_conv(const ImagesMaps& maps, const ImagesParams& params, int multiprocessors,
                        cudaStream_t stream) {
  ImagesParams of_launch = params;
  const unsigned blocks = persistent_blocks(
      of_launch.conv, params.tiles_h * params.tiles_w * params.tiles_n, G::kTeams, multiprocessors);
  launch_pipeline(images_conv<G>,
                  {blocks, G::kThreads, static_cast<std::size_t>(params.conv.shared_bytes)}, stream,
                  maps, of_launch);
}

}  // namespace octet::cuda
