#include "backends/cuda/runtime/check.hpp"

#include <octet/status.hpp>
#include <string>
#include <string_view>

namespace octet::cuda {

void check(cudaError_t error, const char* call) {
  if (error == cudaSuccess) return;
  static_cast<void>(cudaGetLastError());  // the error is reported here and must not be seen twice
  const std::string_view name = std::string_view(call).substr(0, std::string_view(call).find('('));
  const std::string what = std::string(name) + " failed: " + cudaGetErrorString(error);
  if (error == cudaErrorMemoryAllocation)
    throw Error(StatusCode::resource_exhausted, what, "GPU",
                "use a smaller batch, or free the GPU's memory");
  throw Error(StatusCode::unavailable, what, "GPU", "--backend with a CPU backend still works");
}

}  // namespace octet::cuda
