// The canonical epilogue on sums that a library left in memory.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

#include "backends/cuda/common/epilogue_params.hpp"

namespace octet::cudnn {

// `count` sums with the channel innermost, `channels` of them. y is 8-bit, or f32 where the
// epilogue has a float output; z may be nullptr.
void launch_finish_sums(const cuda::EpilogueParams& epilogue, const std::int32_t* sums,
                        const void* z, bool z_unsigned, void* y, long long count, int channels,
                        cudaStream_t stream);

}  // namespace octet::cudnn
