// A thread finishes one element. Bound by memory: 4 bytes in and 1 out per element, and 1 more in
// with z. (Four elements per thread would load wider, but four copies of the whole epilogue in one
// kernel take the compiler minutes.)
#include "backends/cuda/common/epilogue.cuh"
#include "backends/cuda/common/launch.cuh"
#include "backends/cuda/common/launch_chained.cuh"
#include "backends/cudnn/finish_sums.hpp"

namespace octet::cudnn {
namespace {

__global__ void finish_sums(cuda::EpilogueParams epilogue, const std::int32_t* sums, const void* z,
                            bool z_unsigned, void* y, long long count, int channels) {
  cuda::begin_in_chain();
  const long long index = cuda::element_index();
  if (index >= count) return;
  int stored_z = 0;
  if (z != nullptr)
    stored_z = z_unsigned ? static_cast<int>(static_cast<const unsigned char*>(z)[index])
                          : static_cast<int>(static_cast<const signed char*>(z)[index]);
  const float v = cuda::finish(epilogue, sums[index], static_cast<int>(index % channels), stored_z);
  if (epilogue.float_output) static_cast<float*>(y)[index] = v;
  else static_cast<signed char*>(y)[index] = static_cast<signed char>(static_cast<int>(v));
}

}  // namespace

void launch_finish_sums(const cuda::EpilogueParams& epilogue, const std::int32_t* sums,
                        const void* z, bool z_unsigned, void* y, long long count, int channels,
                        cudaStream_t stream) {
  if (count == 0) return;
  cuda::launch_chained(finish_sums, {cuda::element_blocks(count), cuda::kElementThreads}, stream,
                       epilogue, sums, z, z_unsigned, y, count, channels);
}

}  // namespace octet::cudnn
