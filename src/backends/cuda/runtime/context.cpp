#include "backends/cuda/runtime/context.hpp"

#include <algorithm>
#include <atomic>
#include <octet/status.hpp>

#include "backends/cuda/runtime/check.hpp"
#include "backends/cuda/runtime/device.hpp"

namespace octet::cuda {

StreamContext::StreamContext() {
  static_cast<void>(device());
  OCTET_CUDA_CHECK(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking));
}

// The driver may already be gone at process exit: errors of a destructor have no reader.
StreamContext::~StreamContext() { static_cast<void>(cudaStreamDestroy(stream_)); }

std::uint64_t unique_number() {
  static std::atomic<std::uint64_t> next{0};
  return ++next;
}

cudaStream_t stream_of(const ExecutionContext& context) {
  const auto* own = dynamic_cast<const StreamContext*>(&context);
  if (own == nullptr) throw Error(StatusCode::internal, "a CUDA kernel was run without a stream");
  return own->stream();
}

std::shared_ptr<std::byte> allocate_device(std::size_t bytes) {
  static_cast<void>(device());
  void* memory = nullptr;
  OCTET_CUDA_CHECK(cudaMalloc(&memory, std::max<std::size_t>(bytes, 1)));
  return {static_cast<std::byte*>(memory), [](std::byte* p) { static_cast<void>(cudaFree(p)); }};
}

std::shared_ptr<std::byte> allocate_pinned(std::size_t bytes) {
  static_cast<void>(device());
  void* memory = nullptr;
  // The first run of a context may be under recording, when allocating must be asked for.
  cudaStreamCaptureMode mode = cudaStreamCaptureModeRelaxed;
  OCTET_CUDA_CHECK(cudaThreadExchangeStreamCaptureMode(&mode));
  const cudaError_t error = cudaMallocHost(&memory, std::max<std::size_t>(bytes, 1));
  OCTET_CUDA_CHECK(cudaThreadExchangeStreamCaptureMode(&mode));
  check(error, "cudaMallocHost()");
  return {static_cast<std::byte*>(memory),
          [](std::byte* p) { static_cast<void>(cudaFreeHost(p)); }};
}

DeviceArray::DeviceArray(const void* host, std::size_t bytes) : data_(allocate_device(bytes)) {
  OCTET_CUDA_CHECK(cudaMemcpy(data_.get(), host, bytes, cudaMemcpyHostToDevice));
  // The copy of pageable memory may return before it has arrived, and the streams that read it do
  // not wait for this one.
  OCTET_CUDA_CHECK(cudaStreamSynchronize(cudaStreamLegacy));
}

}  // namespace octet::cuda
