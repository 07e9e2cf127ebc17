// Turns a failed CUDA call into an Error that names the call.
#pragma once

#include <cuda_runtime.h>

namespace octet::cuda {

// Throws Error(unavailable), or resource_exhausted when the device is out of memory.
void check(cudaError_t error, const char* call);

}  // namespace octet::cuda

#define OCTET_CUDA_CHECK(call) ::octet::cuda::check((call), #call)
