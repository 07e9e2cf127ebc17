// 3x3, 5x5 and 7x7 convolutions of stride 1 and 2 on Hopper, NHWC or NCHW32, for few channels: each
// input pixel is read once.
//
//   producer (2 threads)              consumer warpgroups, a tile each, in turns
//   +-----------------------------+          +-----------------------------------------------+
//   | the filter, once            |  ring    | wgmma, 64 channels x kN positions x 32, all    |
//   | for each tile: TMA boxes of | =======> | taps; then the epilogue, while another has     |
//   | its padded pixels, zeros    |  stages  | the Tensor Cores                               |
//   | outside                     |          |                                                |
//   | for each tile: z by TMA     | =======> | z is read from the slot, y written over it,    |
//   +-----------------------------+  slots   | TMA stores the slot                            |
//                                            +-----------------------------------------------+
//   shared memory: | filter: taps x 64 x kC, swizzled over kC | stages, alike |
//                  | slots: 1 or 2 a warpgroup, pixels x 64 channels, swizzled |
//                  | pixel of each position | barriers |
// Of NCHW32 a stage and a slot are planes of pixels x 32 channels, swizzled over 32 bytes; a
// product takes 32 channels, so it reads one plane.
//
// With stride 2 a stage is four planes: the pixels in odd and even rows and columns, counted from
// the first tap. Neighbouring positions are neighbours in each, and tap (r, s) is a plane, (r % 2,
// s % 2), read r / 2 rows and s / 2 columns further on.
//
// A block has 64 of the output channels and a share of the tiles. Output channels are the rows of
// the product (the filter is a), pixels its columns: one byte of the tile in shared memory serves
// 64 channels, and a thread has two channels, so that m and bias stay in registers. With the nine
// reads of an im2col the copy engine would be the bound.
//
// Filter rows g and g + 8 of a warp's 16 are channels 2g and 2g + 1. So two sums are one b16, and
// stmatrix.trans turns [channel][pixel] into 16 neighbouring channels of each pixel; z comes the
// other way.
//
// Bound by wgmma (kN columns, of which those of kept pixels count) and the epilogue's instructions.
// One warp alone hardly issues its epilogue within the products of another, so with few sums there
// are three warpgroups; and straight code of 2000 instructions waits for its fetch, hence the loop
// over chunks of the sums.
#pragma once

#include "backends/cuda/common/dynamic_shared_memory.cuh"
#include "backends/cuda/common/ptx_hopper.cuh"
#include "backends/cuda/common/ptx_transpose.cuh"
#include "backends/cuda/common/ptx_wgmma_pixels.cuh"
#include "backends/cuda/common/warpgroup.cuh"
#include "backends/cuda/conv/halo/params.hpp"
#include "backends/cuda/conv/wgmma/pipeline.cuh"

namespace octet::cuda {

template <int Shape, ChannelRuns Runs, WgmmaRule Rule, WgmmaZ Z, bool Unsigned, bool Plain>
struct HaloConv {
  static constexpr HaloShape kShape = kHaloShapes[Shape];
  static constexpr int kC = kShape.channels, kN = kShape.positions;
  static constexpr HaloWindow kWindow = kShape.window;
  // A pixel's bytes in a plane, and how many planes there are: of a stage (of a parity) and of a
  // slot.
  static constexpr int kSpan = halo_span(kShape, Runs), kPlanes = kC / kSpan;
  static constexpr int kSlotSpan = halo_slot_span(Runs), kSlotPlanes = 64 / kSlotSpan;
  static constexpr WgmmaRule kRule = Rule;
  static constexpr WgmmaZ kZ = Z;
  static constexpr bool kUnsigned = Unsigned, kPlain = Plain, kTakesExceptions = true;
  static constexpr int kConsumers = kShape.consumers, kThreads = 128 * (kConsumers + 1);
  // What the consumers ask for and the producer keeps is what the block got at launch.
  static constexpr int kProducerRegisters = kConsumers == 2 ? 40 : 56;
  static constexpr int kRegisters = kConsumers == 2 ? 232 : 152;
  static constexpr int kTapBytes = 64 * kC, kFilterBytes = kShape.filter_bytes();
  static constexpr int kSlots = wgmma_slots(Z);
  // The epilogue takes the sums in chunks of groups of 8 positions, and moves four groups at once
  // to or from a slot.
  static constexpr int kChunkGroups = kShape.chunk_groups, kChunkSums = 4 * kChunkGroups;
  static constexpr int kChunks = kShape.chunks(), kMoves = kShape.moves();
  static constexpr int kPlaces = kShape.places();
  static_assert(kC == 32 || kC == 64 || kC == 128, "a row of the filter is one swizzle span");
};

// What a block does: a share of the tiles for 64 of the output channels.
struct HaloWork {
  int block, first, step, count;
  __device__ __forceinline__ explicit HaloWork(const HaloParams& p) {
    const int tiles = p.images * p.tiles_h * p.tiles_w;
    block = static_cast<int>(blockIdx.x) % p.blocks;
    first = static_cast<int>(blockIdx.x) / p.blocks;
    step = static_cast<int>(gridDim.x) / p.blocks;
    count = (tiles - first + step - 1) / step;
  }
  __device__ __forceinline__ int tile(int i) const { return first + i * step; }
};

// Where a tile begins.
struct HaloOrigin {
  int image, row, column;
  __device__ __forceinline__ HaloOrigin(const HaloParams& p, int tile) {
    const int in_image = tile % (p.tiles_h * p.tiles_w);
    image = tile / (p.tiles_h * p.tiles_w);
    row = in_image / p.tiles_w * p.tile.rows;
    column = in_image % p.tiles_w * p.tile.columns;
  }
};

// Calls function(plane) for the planes of an image from `first` on that a tile has: all of kPlanes,
// but where the channels end.
template <int kPlanes, typename Function>
__device__ __forceinline__ void for_planes(int first, int of_image, Function function) {
#pragma unroll
  for (int plane = 0; plane < kPlanes; ++plane)
    if (kPlanes == 1 || first + plane < of_image) function(plane);
}
template <int kPlanes>
__device__ __forceinline__ int count_planes(int first, int of_image) {
  return kPlanes == 1 ? 1 : min(kPlanes, of_image - first);
}

template <typename G>
struct HaloShared {
  std::uint32_t filter, stages, slots;
  int* pixels;  // of a slot, where each lane's position of a chunk's move goes
  std::uint64_t *full, *empty, *filter_full;
  std::uint64_t *z_full, *z_empty;  // of the slots: warpgroup * kSlots + slot

  __device__ __forceinline__ HaloShared(std::uint8_t* raw, const HaloParams& p) {
    std::uint8_t* at = raw + (1024 - smem_address(raw) % 1024) % 1024;
    filter = smem_address(at);
    stages = filter + G::kFilterBytes;
    slots = stages + p.stages * p.stage_bytes;
    pixels =
        reinterpret_cast<int*>(at + (slots - filter) + G::kConsumers * G::kSlots * p.slot_bytes);
    full = reinterpret_cast<std::uint64_t*>(pixels + G::kPlaces);
    empty = full + p.stages;
    z_full = empty + p.stages;
    z_empty = z_full + G::kConsumers * G::kSlots;
    filter_full = z_empty + G::kConsumers * G::kSlots;
  }
};

template <typename G>
__device__ __forceinline__ void produce(const CUtensorMap& map, const HaloParams& p,
                                        const HaloShared<G>& shared, const HaloWork& work) {
  barrier_expect(shared.filter_full, G::kFilterBytes);
  copy_bulk(shared.filter, p.conv.filter + work.block * G::kFilterBytes, G::kFilterBytes,
            shared.filter_full);
  wait_for_earlier_kernels();
  const int planes = count_planes<G::kPlanes>(0, p.x_planes);
  int stage = 0, parity = 1;
  for (int i = 0; i < work.count; ++i) {
    const HaloOrigin origin(p, work.tile(i));
    barrier_wait(shared.empty + stage, parity);
    constexpr int kStride = G::kWindow.stride, kPad = G::kWindow.pad();
    barrier_expect(shared.full + stage, G::kWindow.parities() * planes * p.loaded_bytes);
#pragma unroll
    for (int corner = 0; corner < G::kWindow.parities(); ++corner)
      for_planes<G::kPlanes>(0, p.x_planes, [&](int plane) {
        copy_box(
            shared.stages + stage * p.stage_bytes + (corner * G::kPlanes + plane) * p.plane_bytes,
            &map, 0, origin.column * kStride - kPad + corner % kStride,
            origin.row * kStride - kPad + corner / kStride, origin.image * p.x_planes + plane,
            shared.full + stage);
      });
    if (++stage == p.stages) {
      stage = 0;
      parity ^= 1;
    }
  }
}

// The sums of one tile. Hands the Tensor Cores over while the last products run.
template <typename G>
__device__ __forceinline__ void multiply(int (&acc)[G::kN / 2], std::uint32_t filter,
                                         std::uint32_t pixels, const HaloParams& p,
                                         int other_turn) {
  constexpr int kSteps = G::kC / 32;
  constexpr int kSize = G::kWindow.size, kStride = G::kWindow.stride, kTaps = G::kWindow.taps();
  const std::uint64_t a = matrix_descriptor<G::kC>(filter);
  const std::uint64_t b = matrix_descriptor<G::kSpan>(pixels);
  wgmma_fence();
#pragma unroll
  for (int tap = 0; tap < kTaps; ++tap) {
    const int r = tap / kSize, s = tap % kSize, parity = r % kStride * kStride + s % kStride;
    const std::uint64_t from = descriptor_after(
        b, parity * G::kPlanes * p.plane_bytes + r / kStride * p.tile.padded_columns() * G::kSpan);
#pragma unroll
    for (int step = 0; step < kSteps; ++step) {
      const int channel = step * 32, plane = channel / G::kSpan;
      const std::uint64_t of_plane =
          plane == 0 ? from : descriptor_after(from, plane * p.plane_bytes);
      WgmmaPixels<G::kN, G::kUnsigned>::run(
          acc, descriptor_after(a, tap * G::kTapBytes + channel),
          descriptor_after(of_plane, s / kStride * G::kSpan + channel % G::kSpan),
          tap > 0 || step > 0);
    }
    if (tap == kTaps - 2) wgmma_commit();
  }
  wgmma_commit();
  wgmma_wait<1>();
  named_barrier_arrive(other_turn, 256);
  wgmma_wait<0>();
}

// Where a slot's plane begins in a map of y or z.
template <typename G>
__device__ __forceinline__ int slot_channel(int block) {
  return G::kSlotPlanes == 1 ? block * 64 : 0;
}
template <typename G>
__device__ __forceinline__ int slot_image(const HaloParams& p, int image, int block, int plane) {
  return G::kSlotPlanes == 1 ? image : image * p.y_planes + block * G::kSlotPlanes + plane;
}

// z of each tile into the slot that y will be written from.
template <typename G>
__device__ __forceinline__ void produce_z(const CUtensorMap& map, const HaloParams& p,
                                          const HaloShared<G>& shared, const HaloWork& work) {
  wait_for_earlier_kernels();
  const int first = work.block * G::kSlotPlanes;
  const int bytes =
      count_planes<G::kSlotPlanes>(first, p.y_planes) * p.tile.rows * p.tile.columns * G::kSlotSpan;
  for (int i = 0; i < work.count; ++i) {
    const int round = i / G::kConsumers;
    const int slot = i % G::kConsumers * G::kSlots + round % G::kSlots;
    const HaloOrigin origin(p, work.tile(i));
    barrier_wait(shared.z_empty + slot, round / G::kSlots % 2 ^ 1);
    barrier_expect(shared.z_full + slot, bytes);
    for_planes<G::kSlotPlanes>(first, p.y_planes, [&](int plane) {
      copy_box(shared.slots + slot * p.slot_bytes + plane * p.slot_plane_bytes, &map,
               slot_channel<G>(work.block), origin.column, origin.row,
               slot_image<G>(p, origin.image, work.block, plane), shared.z_full + slot);
    });
  }
}

// What a warp does with the sums of its 16 channels.
template <typename G>
class HaloEpilogue {
 public:
  __device__ __forceinline__ HaloEpilogue(const HaloParams& p, const int* pixels, int block)
      : p_(p) {
    const int tid = static_cast<int>(threadIdx.x), lane = tid % 32;
    warp_ = tid / 32 % 4;
    const int channel = block * 64 + warp_ * 16 + lane / 4 * 2;
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      m_[i] = p.conv.m[channel + i % 2];
      bias_[i] = p.conv.bias[channel + i % 2];
    }
    if (p.conv.lines.but_one)
#pragma unroll
      for (int i = 0; i < 2; ++i) exceptions_[i] = p.conv.exceptions[channel + i];
    pixels_ = pixels + lane;
  }

  // Uses the sums up.
  __device__ __forceinline__ void finish(int (&acc)[G::kN / 2], std::uint32_t slot) const {
    finish_by_form<G>(p_.conv, [&]<Finish kFinish>() { finish_as<kFinish>(acc, slot); });
  }

 private:
  template <Finish kFinish>
  __device__ __forceinline__ void finish_as(int (&acc)[G::kN / 2], std::uint32_t slot) const {
#pragma unroll 1
    for (int chunk = 0;; ++chunk) {
      finish_chunk<kFinish>(acc, slot, pixels_ + chunk * G::kMoves * 32);
      if (chunk == G::kChunks - 1) return;
#pragma unroll
      for (int i = 0; i + G::kChunkSums < G::kN / 2; ++i) acc[i] = acc[i + G::kChunkSums];
    }
  }

  // The first sums that are left.
  template <Finish kFinish>
  __device__ __forceinline__ void finish_chunk(const int (&acc)[G::kN / 2], std::uint32_t slot,
                                               const int* pixels) const {
    std::uint32_t at[G::kMoves], z[G::kMoves][4] = {}, words[G::kMoves][4] = {};
#pragma unroll
    for (int move = 0; move < G::kMoves; ++move) {
      // A warp has 16 of the channels; the slot is swizzled over those of a plane.
      constexpr int kRuns = G::kSlotSpan / 16;
      const int pixel = pixels[move * 32], flip = pixel / (8 / kRuns) & (kRuns - 1);
      at[move] = slot + warp_ / kRuns * p_.slot_plane_bytes + pixel * G::kSlotSpan +
                 ((warp_ % kRuns ^ flip) << 4);
      if constexpr (G::kZ != WgmmaZ::none) load_matrix_trans_x4(z[move], at[move]);
    }
#pragma unroll
    for (int j = 0; j < G::kChunkGroups; ++j) {
      int sums[4] = {acc[4 * j], acc[4 * j + 2], acc[4 * j + 1], acc[4 * j + 3]};
      if constexpr (kFinish == Finish::from_lowest_but_one)
#pragma unroll
        for (int i = 0; i < 4; ++i) sums[i] = add_exception(sums[i], exceptions_[i % 2]);
      words[j / 4][j % 4] = finish4<G, kFinish>(p_.conv, sums, m_, bias_, z[j / 4][j % 4]);
    }
#pragma unroll
    for (int move = 0; move < G::kMoves; ++move) store_matrix_trans_x4(at[move], words[move]);
  }

  const HaloParams& p_;
  float m_[4];
  int bias_[4], warp_;
  int2 exceptions_[2] = {};
  const int* pixels_;
};

template <typename G>
__device__ __forceinline__ void consume(const HaloMaps& maps, const HaloParams& p,
                                        const HaloShared<G>& shared, const HaloWork& work,
                                        int group) {
  const int lane = static_cast<int>(threadIdx.x) % 32;
  const bool leads = threadIdx.x % 128 == 0;  // the thread that stores what the warpgroup made
  const HaloEpilogue<G> epilogue(p, shared.pixels, work.block);
  // Barriers 1 + g: warpgroup g may use the Tensor Cores; then g's own.
  const int turn = 1 + group, next_turn = 1 + (group + 1) % G::kConsumers;
  const int own = 1 + G::kConsumers + group;
  if (group == G::kConsumers - 1) named_barrier_arrive(next_turn, 256);
  wait_for_earlier_kernels();
  barrier_wait(shared.filter_full, 0);
  for (int i = group, round = 0; i < work.count; i += G::kConsumers, ++round) {
    int acc[G::kN / 2];
    const int stage = i % p.stages;
    barrier_wait(shared.full + stage, i / p.stages % 2);
    named_barrier_sync(turn, 256);
    multiply<G>(acc, shared.filter, shared.stages + stage * p.stage_bytes, p, next_turn);
    if (lane == 0) barrier_arrive(shared.empty + stage);

    // The store of the round before has had the time of the products.
    const int slot = group * G::kSlots + round % G::kSlots;
    if (leads) wait_stores_read<0>();
    if constexpr (G::kZ == WgmmaZ::none) {
      named_barrier_sync(own, 128);
    } else {
      if (leads && round > 0) barrier_arrive(shared.z_empty + (slot ^ 1));
      barrier_wait(shared.z_full + slot, round / G::kSlots % 2);
    }
    const std::uint32_t at = shared.slots + slot * p.slot_bytes;
    epilogue.finish(acc, at);
    fence_async_proxy();
    named_barrier_sync(own, 128);
    if (leads) {
      const HaloOrigin origin(p, work.tile(i));
      for_planes<G::kSlotPlanes>(work.block * G::kSlotPlanes, p.y_planes, [&](int plane) {
        store_box(&maps.y, at + plane * p.slot_plane_bytes, slot_channel<G>(work.block),
                  origin.column, origin.row, slot_image<G>(p, origin.image, work.block, plane));
      });
    }
  }
  // One turn was offered that nobody took; take it, so that no barrier is left half full.
  if (work.count % G::kConsumers == group) named_barrier_sync(turn, 256);
  if (leads) wait_stores_read<0>();
}

template <typename G>
__global__ __launch_bounds__(G::kThreads, 1) void halo_conv(const __grid_constant__ HaloMaps maps,
                                                            const __grid_constant__ HaloParams p) {
#ifdef __CUDA_ARCH_FEAT_SM90_ALL  // other devices never get this kernel: see has_wgmma()
  std::uint8_t* const raw = dynamic_shared_memory();
  const int tid = static_cast<int>(threadIdx.x);
  const int group = warpgroup();
  const HaloShared<G> shared(raw, p);
  if (tid == 0) {
    prefetch_map(&maps.x);
    barrier_init(shared.filter_full, 1);
    for (int i = 0; i < p.stages; ++i) {
      barrier_init(shared.full + i, 1);
      barrier_init(shared.empty + i, 4);  // an arrival per warp that read it
    }
    for (int i = 0; i < G::kConsumers * G::kSlots; ++i) {
      barrier_init(shared.z_full + i, 1);
      barrier_init(shared.z_empty + i, 1);
    }
  }
  // Positions that are thrown away, or that a chunk has not, go to eight pixels behind the tile's.
  for (int i = tid; i < G::kPlaces; i += G::kThreads) {
    const int of_chunk = i % (G::kMoves * 32);
    const int position = i / (G::kMoves * 32) * G::kChunkGroups * 8 + of_chunk;
    const int row = position / p.tile.padded_columns();
    const int column = position - row * p.tile.padded_columns();
    const bool kept =
        of_chunk < G::kChunkGroups * 8 && row < p.tile.rows && column < p.tile.columns;
    shared.pixels[i] = kept ? row * p.tile.columns + column : p.tile.rows * p.tile.columns + i % 8;
  }
  fence_async_proxy();
  __syncthreads();

  const HaloWork work(p);
  if (group == G::kConsumers) {
    release_registers<G::kProducerRegisters>();
    const int warp = warp_of_block() - 4 * G::kConsumers;
    if (warp > 1 || !elected()) return;
    if (warp == 0) produce<G>(maps.x, p, shared, work);
    else if constexpr (G::kZ != WgmmaZ::none) produce_z<G>(maps.z, p, shared, work);
  } else {
    take_registers<G::kRegisters>();
    consume<G>(maps, p, shared, work, group);
  }
#endif
}

template <typename G>
void launch_halo_conv(const HaloMaps& maps, const HaloParams& params, int multiprocessors,
                      cudaStream_t stream) {
  const int tiles = params.images * params.tiles_h * params.tiles_w;
  // Blocks of threads per 64 output channels.
  const int each = multiprocessors > params.blocks ? multiprocessors / params.blocks : 1;
  const unsigned blocks = static_cast<unsigned>((tiles < each ? tiles : each) * params.blocks);
  launch_pipeline(halo_conv<G>,
                  {blocks, G::kThreads, static_cast<std::size_t>(params.shared_bytes)}, stream,
                  maps, params);
}

}  // namespace octet::cuda
