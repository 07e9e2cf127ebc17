// Depthwise convolution on Tensor Cores, NHWC: the filter as a matrix that is zero but on its
// diagonal.
//
//   tile: lines of padded pixels, a plane for each 16 channels of the block's 32
//     | ldmatrix: 16 positions x 2 taps x 16 channels, any pixels
//     v
//   mma 16 x 8 x 32, twice  <-- filter, in registers: column c of tap t is zero but in channel c
//     |  after all pairs of taps
//     v
//   a thread has four neighbouring channels of two positions --epilogue--> slot --> memory
//
//   shared memory: | tile in work: planes of lines x pitch x 16 bytes | tile on its way |
//                  | slot: planes of positions x 16 bytes | first pixel of each position |
//                  | of each pixel that is copied: where to, and from where |
//
// 16 products are made for one that counts, and it is still the cheapest way: what bounds a
// depthwise layer on chip is instructions, and a value takes 1.9 of them here (5 ldmatrix and 10
// mma for 16 positions x 16 channels of 3x3) where dp4a with its moves of bytes takes 6. The
// epilogue takes as many as everything else.
//
// A block has 32 channels, so that filter and constants stay in registers, and walks over tiles;
// the next one is copied meanwhile. Its warps are two groups of channels x kDiagonalWorkers, which
// share the positions. All tiles are alike, so their places are worked out once. Small maps lie in
// a tile several at once. Bound by reading operands from shared memory.
#pragma once

#include "backends/cuda/common/dynamic_shared_memory.cuh"
#include "backends/cuda/common/launch_limited.cuh"
#include "backends/cuda/common/ptx_mma.cuh"
#include "backends/cuda/conv/diagonal/params.hpp"
#include "backends/cuda/conv/wgmma/pipeline.cuh"

namespace octet::cuda {

template <int Shape, WgmmaRule Rule, bool Unsigned, bool Plain>
struct Diagonal {
  static constexpr DiagonalShape kShape = kDiagonalShapes[Shape];
  static constexpr int kSteps = kShape.steps();
  static constexpr WgmmaRule kRule = Rule;
  static constexpr WgmmaZ kZ = WgmmaZ::none;
  static constexpr bool kUnsigned = Unsigned, kPlain = Plain;
};

// A tile's place in the input and the output.
struct DiagonalTile {
  int image, row;  // the first of each
  int positions;   // outputs
  int first_line;  // that is inside of the image, of those that the tile has, and behind the last
  int end_line;

  __device__ __forceinline__ DiagonalTile(const DiagonalParams& p, int tile, int stride) {
    const int of_images = p.tiles_of_image == 1 ? tile : tile / p.tiles_of_image;
    image = of_images * p.tile_images;
    row = (tile - of_images * p.tiles_of_image) * p.rows;
    const int images = min(p.tile_images, p.images - image);
    positions = images * min(p.rows, p.oh - row) * p.ow;
    // Of whole images only lines inside are listed.
    const int top = row * stride - p.pad_top;
    first_line = p.tiles_of_image == 1 ? 0 : max(0, -top);
    end_line = p.tiles_of_image == 1 ? images * p.lines : min(p.lines, p.h - top);
  }
};

// A block's way: an even share of the tiles of all chunks, those of a chunk one after the other.
struct DiagonalWalk {
  int chunk, tile, left;

  __device__ __forceinline__ explicit DiagonalWalk(const DiagonalParams& p) {
    const int all = p.tiles * p.chunks, blocks = static_cast<int>(gridDim.x);
    const int each = all / blocks, more = all - each * blocks, block = static_cast<int>(blockIdx.x);
    const int first = block * each + min(block, more);
    left = each + (block < more ? 1 : 0);
    chunk = first / p.tiles;
    tile = first - chunk * p.tiles;
  }
  __device__ __forceinline__ void advance(const DiagonalParams& p) {
    --left;
    if (++tile < p.tiles) return;
    tile = 0;
    ++chunk;
  }
};

// What a warp is: a group of 16 channels, and one of those that share the positions.
struct DiagonalWarp {
  int lane, group, worker;

  __device__ __forceinline__ DiagonalWarp() {
    const int warp = static_cast<int>(threadIdx.x) / 32;
    lane = static_cast<int>(threadIdx.x) % 32;
    group = warp % kDiagonalGroups;
    worker = warp / kDiagonalGroups;
  }
};

struct DiagonalShared {
  std::uint32_t base, slot, positions, copies;

  __device__ __forceinline__ explicit DiagonalShared(const DiagonalParams& p)
      : base(shared_address(dynamic_shared_memory())),
        slot(base + 2 * p.buffer_bytes),
        positions(slot + kDiagonalGroups * p.slot_plane_bytes),
        copies(positions + p.positions_bytes) {}
};

// What is the same for all tiles: zeros around images, where each position's first pixel lies in a
// plane, and the pixels that are copied: place in a plane, and line << 24 | distance in memory.
template <typename G>
__device__ __forceinline__ void prepare_tiles(const DiagonalParams& p,
                                              const DiagonalShared& shared) {
  const int tid = static_cast<int>(threadIdx.x);
  for (int i = tid; i < 2 * p.buffer_bytes / 16; i += kDiagonalThreads)
    store_shared<16>(shared.base + 16 * i, 0);
  for (int i = tid; i < p.positions_bytes / 4; i += kDiagonalThreads) {
    const int position = min(i, p.tile_images * p.of_image.value - 1);
    const int image = divide(position, p.of_image);
    const int in_image = position - image * p.of_image.value, row = divide(in_image, p.of_row);
    const int column = in_image - row * p.ow, line = image * p.lines + row * G::kShape.stride;
    store_shared<4>(shared.positions + 4 * i,
                    (line * p.pitch + column * G::kShape.stride) * kDiagonalGroup);
  }
  for (int i = tid; i < p.copies; i += kDiagonalThreads) {
    const int of_lines = divide(i, p.of_width), column = i - of_lines * p.of_width.value;
    const int image = divide(of_lines, p.of_listed);
    const int line = p.first_listed + of_lines - image * p.of_listed.value;
    const int place = (image * p.lines + line) * p.pitch + column + p.pad_left;
    const int distance = ((image * p.h + line) * p.w + column) * p.channels;
    store_shared<4>(shared.copies + 8 * i, place * kDiagonalGroup);
    store_shared<4>(shared.copies + 8 * i + 4, (image * p.lines + line) << 24 | distance);
  }
}

// Starts the copies of a tile, zeros where its lines are outside of the image: a pair of lanes has
// a pixel's 32 bytes.
template <typename G>
__device__ __forceinline__ void copy_tile(const DiagonalParams& p, const DiagonalShared& shared,
                                          const DiagonalWalk& walk, std::uint32_t to) {
  const DiagonalTile at(p, walk.tile, G::kShape.stride);
  const int tid = static_cast<int>(threadIdx.x), half = tid % 2;
  const int channel = walk.chunk * kDiagonalChunk + half * kDiagonalGroup;
  if (channel >= p.channels) return;
  const long long row =
      static_cast<long long>(at.image) * p.h + at.row * G::kShape.stride - p.pad_top;
  const std::int8_t* const from = p.x + row * p.w * p.channels + channel;
  // None where all of them are padding.
  const auto lines = static_cast<unsigned>(max(0, at.end_line - at.first_line));
  to += half * p.plane_bytes;
#pragma unroll 4
  for (int i = tid / 2; i < p.copies; i += kDiagonalThreads / 2) {
    std::uint32_t copy[2];
    load_shared_words(copy, shared.copies + 8 * i);
    copy_or_zero<16>(to + copy[0], from + (copy[1] & 0xFFFFFF),
                     (copy[1] >> 24) - static_cast<unsigned>(at.first_line) < lines);
  }
}

// A tile's outputs from the slot to memory, a pair of lanes a pixel's sector.
template <typename G>
__device__ __forceinline__ void store_tile(const DiagonalParams& p, const DiagonalShared& shared,
                                           const DiagonalWalk& walk) {
  const DiagonalTile at(p, walk.tile, G::kShape.stride);
  const int tid = static_cast<int>(threadIdx.x), half = tid % 2;
  const int channel = walk.chunk * kDiagonalChunk + half * kDiagonalGroup;
  if (channel >= p.channels) return;
  const long long row = static_cast<long long>(at.image) * p.oh + at.row;
  std::int8_t* const y = p.y + row * p.ow * p.channels + channel;
  const std::uint32_t slot = shared.slot + half * p.slot_plane_bytes;
  for (int i = tid / 2; i < at.positions; i += kDiagonalThreads / 2) {
    std::uint32_t words[4];
    load_shared_words(words, slot + 16 * i);
    *reinterpret_cast<uint4*>(y + static_cast<long long>(i) * p.channels) =
        make_uint4(words[0], words[1], words[2], words[3]);
  }
}

// A warp's filter and constants, and its way through the positions of a tile.
template <typename G>
class DiagonalWorker {
 public:
  __device__ __forceinline__ explicit DiagonalWorker(const DiagonalParams& p) : p_(p) {
#pragma unroll
    for (int step = 0; step < G::kSteps; ++step) {
      // Lanes of the upper half give the addresses of the second tap; a last one without a partner
      // meets a filter of zeros.
      const int tap = min(2 * step + warp_.lane / 16, G::kShape.taps() - 1);
      tap_[step] = (tap / G::kShape.s * p.pitch + tap % G::kShape.s) * kDiagonalGroup;
    }
  }

  // The filter and the constants of a chunk.
  __device__ __forceinline__ void load(int chunk) {
    const int group = chunk * kDiagonalGroups + warp_.group;
    exists_ = group * kDiagonalGroup < p_.channels;
    if (!exists_) return;
    const uint2* const filter = p_.filter + group * G::kSteps * 64 + warp_.lane;
#pragma unroll
    for (int step = 0; step < G::kSteps; ++step)
#pragma unroll
      for (int j = 0; j < 2; ++j) filter_[step][j] = __ldg(filter + (step * 2 + j) * 32);
    const int channel = group * kDiagonalGroup + warp_.lane % 4 * 4;
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      m_[i] = __ldg(p_.conv.m + channel + i);
      bias_[i] = __ldg(p_.conv.bias + channel + i);
    }
  }

  // From a tile to the slot.
  __device__ __forceinline__ void run(const DiagonalShared& shared, int positions,
                                      std::uint32_t buffer) const {
    if (!exists_) return;
    const int lane = warp_.lane, first = warp_.worker * 16;
    const std::uint32_t plane = buffer + warp_.group * p_.plane_bytes;
    std::uint32_t place = shared.positions + 4 * (first + lane % 16);
    // Of a unit of 16 positions two, eight apart; those that do not exist have room in the slot.
    std::uint32_t to = shared.slot + warp_.group * p_.slot_plane_bytes + 16 * first + 4 * lane;
    finish_by_form<G>(p_.conv, [&]<Finish kFinish>() {
#pragma unroll 1
      for (int unit = first; unit < positions; unit += kDiagonalPositions) {
        Sums sums[kDiagonalAtOnce];
        multiply(sums, plane, place);
#pragma unroll
        for (int i = 0; i < kDiagonalAtOnce; ++i) finish<kFinish>(sums[i], to + i * kNext * 16);
        place += 4 * kDiagonalPositions;
        to += 16 * kDiagonalPositions;
      }
    });
  }

 private:
  using Sums = int[2][4];
  static constexpr int kNext = 16 * kDiagonalWorkers;  // from a unit of a warp to its next one

  // Independent of each other, so that their latencies overlap.
  __device__ __forceinline__ void multiply(Sums (&sums)[kDiagonalAtOnce], std::uint32_t plane,
                                           std::uint32_t place) const {
    std::uint32_t pixel[kDiagonalAtOnce];
#pragma unroll
    for (int i = 0; i < kDiagonalAtOnce; ++i) pixel[i] = plane + load_shared(place + i * kNext * 4);
#pragma unroll
    for (int step = 0; step < G::kSteps; ++step) {
      std::uint32_t pixels[kDiagonalAtOnce][4];
#pragma unroll
      for (int i = 0; i < kDiagonalAtOnce; ++i) load_matrix_x4(pixels[i], pixel[i] + tap_[step]);
#pragma unroll
      for (int i = 0; i < kDiagonalAtOnce; ++i)
#pragma unroll
        for (int j = 0; j < 2; ++j) {
          const uint2 filter = filter_[step][j];
          if (step == 0)
            mma_16x8x32_from<G::kUnsigned>(sums[i][j], {0, 0, 0, 0}, pixels[i], filter.x, filter.y);
          else mma_16x8x32<G::kUnsigned>(sums[i][j], pixels[i], filter.x, filter.y);
        }
    }
  }

  // Four channels of two positions.
  template <Finish kFinish>
  __device__ __forceinline__ void finish(const Sums& sums, std::uint32_t to) const {
#pragma unroll
    for (int half = 0; half < 2; ++half)
      store_shared<4>(to + 128 * half,
                      finish4<G, kFinish>(p_.conv,
                                          {sums[0][2 * half], sums[0][2 * half + 1],
                                           sums[1][2 * half], sums[1][2 * half + 1]},
                                          m_, bias_, 0));
  }

  const DiagonalParams& p_;
  DiagonalWarp warp_;
  bool exists_;  // else the channels end before this group
  uint2 filter_[G::kSteps][2];
  int tap_[G::kSteps];
  float m_[4];
  int bias_[4];
};

template <typename G>
__global__ __launch_bounds__(kDiagonalThreads, kDiagonalBlocks) void diagonal_conv(
    const __grid_constant__ DiagonalParams p) {
#if !defined(__CUDA_ARCH__) || __CUDA_ARCH__ >= 800  // older devices never get this: see rows.cpp
  const DiagonalShared shared(p);
  DiagonalWalk next(p);
  DiagonalWorker<G> worker(p);
  worker.load(next.chunk);
  prepare_tiles<G>(p, shared);
  __syncthreads();
  begin_in_chain();
  DiagonalWalk at = next;
  int buffer = 0, loaded = at.chunk;
  copy_tile<G>(p, shared, next, shared.base);
  commit_copies();
  for (; at.left > 0; at = next, buffer ^= 1) {
    next.advance(p);
    if (next.left > 0) copy_tile<G>(p, shared, next, shared.base + (buffer ^ 1) * p.buffer_bytes);
    commit_copies();
    if (loaded != at.chunk) worker.load(at.chunk);
    loaded = at.chunk;
    wait_copies<1>();
    __syncthreads();
    const DiagonalTile tile(p, at.tile, G::kShape.stride);
    worker.run(shared, tile.positions, shared.base + buffer * p.buffer_bytes);
    __syncthreads();
    store_tile<G>(p, shared, at);
  }
#endif
}

template <typename G>
void launch_diagonal(const DiagonalParams& params, int blocks, int most_shared_bytes,
                     cudaStream_t stream) {
  launch_limited(diagonal_conv<G>,
                 {static_cast<unsigned>(blocks), static_cast<unsigned>(kDiagonalThreads),
                  static_cast<std::size_t>(params.shared_bytes)},
                 most_shared_bytes, stream, params);
}

// Null where a form is not compiled.
template <int Shape>
DiagonalLaunch diagonal_instance(const WgmmaForm& form) {
  using enum WgmmaRule;
  if (form.rule == integer_bias && !form.x_unsigned)
    return form.plain ? launch_diagonal<Diagonal<Shape, integer_bias, false, true>>
                      : launch_diagonal<Diagonal<Shape, integer_bias, false, false>>;
  if (form.rule == onnx)
    return form.x_unsigned ? launch_diagonal<Diagonal<Shape, onnx, true, false>>
                           : launch_diagonal<Diagonal<Shape, onnx, false, false>>;
  return nullptr;
}

}  // namespace octet::cuda
