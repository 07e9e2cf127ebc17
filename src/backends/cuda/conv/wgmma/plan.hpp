// The host side of the Hopper convolutions: what they accept, packed constants, expected times.
// Plain C++, tested without a GPU.
#pragma once

#include <optional>
#include <vector>

#include "backends/cuda/conv/filter_pack.hpp"
#include "backends/cuda/conv/geometry.hpp"
#include "backends/cuda/conv/wgmma/params.hpp"
#include "ops/epilogue.hpp"

namespace octet::cuda {

// A quantising step with the activation before it (none, ReLU or clip) as part of its clamp.
WgmmaStep wgmma_step(const Quantiser& quantiser, const Activation& activation);

// The epilogue a problem needs, or nothing where none of ours has its meaning.
std::optional<WgmmaForm> wgmma_form(const Problem& problem);

// Why the kernels cannot do a problem, or accept(). The device is asked elsewhere.
Verdict check_im2col_conv(const Problem& problem, ChannelRuns runs = ChannelRuns::all);

// Why a tile's form does not suit a problem that check_im2col_conv() accepted.
Verdict check_wgmma_tile(const Problem& problem, const WgmmaTile& tile, int multiprocessors);

// The output channel, within a tile of tile_n, of each row of the packed filter. A thread's sums
// are then a run of channels: see gemm.cuh.
std::vector<int> tile_channels(int tile_n);

// [output tile][tap][block of input channels][tile_n rows][tile_k bytes], rows in the order of
// tile_channels(), 16-byte chunks swizzled over the row; zeros outside.
std::vector<std::int8_t> pack_wgmma_filter(const Filter& filter, int tile_n, int tile_k);

// What a block of the persistent kernels holds beside the stages of its ring: see pipeline.cuh.
struct BlockMemory {
  bool resident;    // the whole filter stays
  int fixed_bytes;  // slots, constants, barriers, and a filter that stays

  // How many stages of so many bytes fit, up to a limit.
  int stages(int stage_bytes) const;
};
BlockMemory block_memory(const WgmmaTile& tile, bool has_z, int n_tiles, int filter_bytes);

// The epilogue's numbers and how shared memory is shared out, without the arrays and pointers.
WgmmaConvParams wgmma_params(const Problem& problem, const Epilogue& epilogue,
                             const WgmmaTile& tile);

// What the sums of each channel meet: m, and ibias or the bits of fbias. Where line.hpp's lines are
// proved, they are a and the bits of b instead, and `params` says so.
struct ChannelConstants {
  std::vector<float> m;
  std::vector<std::int32_t> bias;
  std::vector<std::int32_t>
      exceptions;  // two of each channel, where lines are right but for one sum
};
// Those of the canonical operations, whatever lines there are.
ChannelConstants canonical_constants(const Epilogue& epilogue, WgmmaRule rule);
// `exceptions`: the kernel takes such lines, with z.
ChannelConstants channel_constants(const Epilogue& epilogue, WgmmaRule rule,
                                   WgmmaConvParams& params, bool exceptions = false);

// Padded to whole tiles. Within a tile the constants of a thread's next four channels lie beside
// those of the three other threads of its pixel.
ChannelConstants in_tile_order(const ChannelConstants& constants, int tile_n);

// Padded to whole blocks, by channel.
ChannelConstants in_blocks(const ChannelConstants& constants, int block);

// Expected microseconds: the larger of products, loads and epilogues of whole rounds of tiles,
// together with what memory takes.
double estimate_im2col_conv(const Problem& problem, const WgmmaTile& tile, int multiprocessors);

}  // namespace octet::cuda
