// Implicit-GEMM convolution on Tensor Cores by mma.sync (compute capability 7.5 and later), exact
// s32 sums, the whole epilogue on chip. One kernel template serves every layout: what differs is
// where a piece of the input lies, which the host writes into a table.
#pragma once

#include <cuda_runtime.h>

#include "backends/cuda/common/epilogue_params.hpp"
#include "backends/cuda/common/strides.hpp"

namespace octet::cuda {

// How a tile of the input travels to shared memory.
//   chunk : 16 bytes are 16 channels of one pixel (NHWC with C % 16 == 0, NCHW32)
//   word  : 4 bytes are 4 channels of one pixel (NCHW4, NHWC4, CHWN4 with any batch)
//   images: 16 bytes are 4 channels of 4 images (CHWN4 with N % 4 == 0)
enum class Loader : int { chunk, word, images };

// Bytes of K in a tile. K runs over filter rows, filter columns, channels, the last fastest.
inline constexpr int kGemmK = 64;

// Where the input for one piece of K (16 or 4 channels of one filter tap) lies, relative to the
// output pixel's first tap. A piece behind the end of K has dh = kOutside and so reads padding.
struct KEntry {
  int offset;    // elements
  short dh, dw;  // rows and columns of the input from the first tap
};
inline constexpr short kOutside = 0x4000;

struct ImplicitGemmParams {
  const KEntry* table;
  int m, k_tiles;  // output pixels; tiles of kGemmK
  int n, h, w, oh, ow;
  int oc, oc_memory;  // output channels, and as many as y has in memory
  int stride_h, stride_w, pad_top, pad_left;
  // Pixels are counted (n / inner, oh, ow, n % inner): inner = 1 where an image's pixels are
  // neighbours; in CHWN4 a tile is a few columns of some images, so that filter taps share reads.
  int inner;
  int word_step;  // from 4 channels to the next 4 in x, where 16 of a tap always come together; or
                  // 0
  Strides x, y;   // z lies as y
  unsigned pad_word;  // the zero point of x, four times
  // Channel k of y lies (k >> y_shift) * y_plane + (k & (1 << y_shift) - 1) elements from the
  // first: kernels have no time to divide.
  int y_shift, y_plane;
  int y_granule;  // channels that lie side by side and aligned in y: 16, 4 or 1
  bool z_unsigned;
  bool sum_output;  // store the bare sum, s32
  EpilogueParams epilogue;
};

struct GemmTile {
  int m, n;  // pixels and output channels of a block
  int warps_m, warps_n;
  int stages;
  int split = 1;  // blocks that share a tile, each with its part of K
  int threads() const { return warps_m * warps_n * 32; }
  // Neighbouring output channels of a pixel that one thread ends up with: it stores whole vectors.
  int run() const { return n / warps_n / 4; }
};

// The pointers of a run. `parts` has gemm_parts_bytes(), or is not used where the tile is whole.
struct ImplicitGemmOperands {
  const void *x, *filter, *z;
  void* y;
  void* parts;
};

using ImplicitGemmLaunch = void (*)(const ImplicitGemmParams& params,
                                    const ImplicitGemmOperands& operands, cudaStream_t stream);

struct ImplicitGemmVariant {
  GemmTile tile;
  Loader loader;
  bool x_unsigned;
  int shared_bytes;  // of a block
  ImplicitGemmLaunch launch;
};

struct ImplicitGemmVariants {
  const ImplicitGemmVariant* rows;
  int count;
};
inline constexpr std::size_t kGemmTiles = 6;
// The compiled variants, larger tiles first, those that split K last; every loader and sign has the
// same tiles.
template <Loader L, bool Unsigned>
ImplicitGemmVariants compiled_tiles();

}  // namespace octet::cuda
