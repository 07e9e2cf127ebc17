// One thread makes one element. Bound by memory: five bytes an element.
#include "backends/cuda/common/epilogue.cuh"
#include "backends/cuda/common/launch.cuh"
#include "backends/cuda/convert/convert.hpp"

namespace octet::cuda {
namespace {

__global__ void convert(const __grid_constant__ ConvertParams p, const void* x, void* y) {
  const long long i = element_index();
  if (i >= p.count) return;
  float v = p.from_integer ? static_cast<float>(static_cast<const int*>(x)[i])
                           : static_cast<const float*>(x)[i];
  if (p.scaled) v = __fmul_rn(v, p.factor);
  if (p.to_float) {
    static_cast<float*>(y)[i] = v;
    return;
  }
  const int q = static_cast<int>(quantise(p.quantiser, v));
  if (p.to_bytes == 1) static_cast<signed char*>(y)[i] = static_cast<signed char>(q);
  else static_cast<int*>(y)[i] = q;
}

}  // namespace

void launch_convert(const ConvertParams& params, const void* x, void* y, cudaStream_t stream) {
  if (params.count > 0)
    convert<<<element_blocks(params.count), kElementThreads, 0, stream>>>(params, x, y);
}

}  // namespace octet::cuda
