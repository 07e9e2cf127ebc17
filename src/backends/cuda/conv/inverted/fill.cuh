// Where the fused block has no expansion: a chunk of the input is the hidden tile. See
// inverted.cuh.
#pragma once

#include "backends/cuda/common/ptx_copy_8.cuh"
#include "backends/cuda/conv/inverted/block.cuh"

namespace octet::cuda {

// Starts the pixels of a chunk on their way to a hidden tile; four threads have one pixel, a group
// of channels each.
template <typename G>
__device__ __forceinline__ void fill_hidden(const InvertedParams& p,
                                            const InvertedShared<G>& shared, int chunk,
                                            std::uint32_t hidden) {
  const InvertedTile<G>* const tile = shared.tile(p);
  const int in_team = shared.warp * 32 + shared.lane, group = (in_team & 3);
  const int channel = chunk * kInvertedChunk + group * kInvertedGroup;
  if (channel < p.channels) {
    const long long first =
        static_cast<long long>(tile->image * p.h + tile->hidden_first) * p.w * p.channels + channel;
    const std::int8_t* const from = p.x + first;
    const std::uint32_t to = hidden + group * p.plane_bytes, flip = (group & 1) * 8;
    const int pixels = tile->hidden_rows * p.w;
#pragma unroll 4
    for (int pixel = in_team / 4; pixel < pixels; pixel += G::kTeamThreads / 4)
      copy_async_8(to + (load_shared_4(shared.table(p) + 4 * pixel) ^ flip),
                   from + pixel * p.channels);
  }
  commit_copies();
}

}  // namespace octet::cuda
