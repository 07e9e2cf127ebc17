#include "emulator/runtime.hpp"

#include <cuda.h>
#include <cuda_runtime.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <vector>

#include "emulator/tensor_map.hpp"

namespace emulator = octet::emulator;

struct CUgraph_st {
  std::vector<emulator::Operation> operations;
};
struct CUgraphExec_st {
  std::vector<emulator::Operation> operations;
};
struct CUstream_st {
  CUgraph_st* capture = nullptr;
};
struct CUevent_st {
  std::chrono::steady_clock::time_point when;
};

namespace octet::emulator {
namespace {

constexpr std::size_t kMemory = std::size_t{16} << 30;
constexpr std::size_t kAlignment = 256;

thread_local cudaError_t last_error = cudaSuccess;

// What was allocated, so that a memory check sees growth.
std::mutex memory_mutex;
std::map<void*, std::size_t> allocations;
std::size_t allocated = 0;

cudaError_t remember(cudaError_t error) {
  if (error != cudaSuccess) last_error = error;
  return error;
}

bool is_real(cudaStream_t stream) {
  return stream != nullptr && stream != cudaStreamLegacy && stream != cudaStreamPerThread;
}

// Errors of what is carried out are sticky only until they are read, unlike a device's.
cudaError_t enqueue(cudaStream_t stream, Operation operation) {
  if (is_real(stream) && stream->capture != nullptr)
    stream->capture->operations.push_back(std::move(operation));
  else operation();
  return cudaSuccess;
}

int compute_capability() {
  const char* text = std::getenv("OCTET_EMULATED_CAPABILITY");
  return text != nullptr ? std::atoi(text) : 90;
}

CUresult encode(CUtensorMap* map, const TensorMap& encoded) {
  if (reinterpret_cast<std::uintptr_t>(encoded.base) % 16 != 0) return CUDA_ERROR_INVALID_VALUE;
  for (int i = 1; i < encoded.rank; ++i)
    if (encoded.strides[i] % 16 != 0) return CUDA_ERROR_INVALID_VALUE;
  std::memset(map, 0, sizeof(*map));
  std::memcpy(map, &encoded, sizeof(encoded));
  return CUDA_SUCCESS;
}

TensorMap extents(CUtensorMapDataType type, cuuint32_t rank, void* base, const cuuint64_t* sizes,
                  const cuuint64_t* strides, const cuuint32_t* steps, CUtensorMapSwizzle swizzle) {
  TensorMap map{};
  map.base = static_cast<std::byte*>(base);
  map.rank = static_cast<std::uint8_t>(rank);
  map.element = type == CU_TENSOR_MAP_DATA_TYPE_UINT8 ? 1 : 4;
  map.strides[0] = map.element;
  for (cuuint32_t i = 0; i < rank; ++i) {
    map.sizes[i] = static_cast<std::uint32_t>(sizes[i]);
    map.steps[i] = static_cast<std::uint8_t>(steps[i]);
    if (i > 0) map.strides[i] = strides[i - 1];
  }
  map.swizzle = swizzle == CU_TENSOR_MAP_SWIZZLE_32B    ? 32
                : swizzle == CU_TENSOR_MAP_SWIZZLE_64B  ? 64
                : swizzle == CU_TENSOR_MAP_SWIZZLE_128B ? 128
                                                        : 0;
  return map;
}

CUresult encode_tiled(CUtensorMap* map, CUtensorMapDataType type, cuuint32_t rank, void* base,
                      const cuuint64_t* sizes, const cuuint64_t* strides, const cuuint32_t* box,
                      const cuuint32_t* steps, CUtensorMapInterleave, CUtensorMapSwizzle swizzle,
                      CUtensorMapL2promotion, CUtensorMapFloatOOBfill) {
  if (rank > kMostRank) return CUDA_ERROR_INVALID_VALUE;
  TensorMap encoded = extents(type, rank, base, sizes, strides, steps, swizzle);
  for (cuuint32_t i = 0; i < rank; ++i) {
    if (box[i] == 0 || box[i] > 256 || steps[i] == 0 || steps[i] > 8)
      return CUDA_ERROR_INVALID_VALUE;
    encoded.box[i] = static_cast<std::uint16_t>((box[i] + steps[i] - 1) / steps[i]);
  }
  if (encoded.box[0] * encoded.element % 16 != 0) return CUDA_ERROR_INVALID_VALUE;
  if (encoded.swizzle != 0 && encoded.box[0] * encoded.element > encoded.swizzle)
    return CUDA_ERROR_INVALID_VALUE;
  for (int i = static_cast<int>(rank); i < kMostRank; ++i) encoded.box[i] = 1;
  return encode(map, encoded);
}

CUresult encode_im2col(CUtensorMap* map, CUtensorMapDataType type, cuuint32_t rank, void* base,
                       const cuuint64_t* sizes, const cuuint64_t* strides, const int* lower,
                       const int* upper, cuuint32_t channels, cuuint32_t pixels,
                       const cuuint32_t* steps, CUtensorMapInterleave, CUtensorMapSwizzle swizzle,
                       CUtensorMapL2promotion, CUtensorMapFloatOOBfill) {
  if (rank != 4 || channels > 256 || pixels > 1024) return CUDA_ERROR_INVALID_VALUE;
  TensorMap encoded = extents(type, rank, base, sizes, strides, steps, swizzle);
  encoded.im2col = true;
  for (int i = 0; i < 2; ++i) {
    if (lower[i] < -128 || lower[i] > 127 || upper[i] < -128 || upper[i] > 127)
      return CUDA_ERROR_INVALID_VALUE;
    encoded.lower[i] = static_cast<std::int16_t>(lower[i]);
    encoded.upper[i] = static_cast<std::int16_t>(upper[i]);
  }
  encoded.channels = static_cast<std::uint16_t>(channels);
  encoded.pixels = static_cast<std::uint16_t>(pixels);
  return encode(map, encoded);
}

}  // namespace

void launch(const Grid& grid, cudaStream_t stream, Operation kernel) {
  if (grid.block.x * grid.block.y * grid.block.z > 1024 || grid.grid.x == 0 ||
      grid.grid.x % grid.cluster != 0 || grid.shared > 227 * 1024) {
    remember(cudaErrorInvalidConfiguration);
    return;
  }
  enqueue(stream, [grid, kernel = std::move(kernel)] {
    if (!run(grid, kernel).empty()) remember(cudaErrorLaunchFailure);
  });
}

}  // namespace octet::emulator

extern "C" {

cudaError_t cudaGetDeviceCount(int* count) {
  *count = 1;
  return cudaSuccess;
}
cudaError_t cudaGetDevice(int* device) {
  *device = 0;
  return cudaSuccess;
}
cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int) {
  *properties = {};
  std::strcpy(properties->name, "emulated GPU");
  properties->major = emulator::compute_capability() / 10;
  properties->minor = emulator::compute_capability() % 10;
  properties->multiProcessorCount = 6;
  properties->totalGlobalMem = emulator::kMemory;
  properties->l2CacheSize = 1 << 20;
  properties->sharedMemPerBlockOptin = 227 * 1024;
  return cudaSuccess;
}
cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr attribute, int) {
  *value = attribute == cudaDevAttrGlobalMemoryBusWidth ? 64 : 1000000;
  return cudaSuccess;
}
cudaError_t cudaDriverGetVersion(int* version) {
  *version = CUDART_VERSION;
  return cudaSuccess;
}
cudaError_t cudaRuntimeGetVersion(int* version) {
  *version = CUDART_VERSION;
  return cudaSuccess;
}
cudaError_t cudaGetLastError() {
  const cudaError_t error = emulator::last_error;
  emulator::last_error = cudaSuccess;
  return error;
}
const char* cudaGetErrorString(cudaError_t error) {
  return error == cudaErrorLaunchFailure      ? "the kernel failed on the emulated device"
         : error == cudaErrorMemoryAllocation ? "out of memory"
                                              : "the call was refused by the emulated device";
}

cudaError_t cudaMalloc(void** memory, std::size_t bytes) {
  const std::lock_guard lock(emulator::memory_mutex);
  *memory = nullptr;
  if (bytes > emulator::kMemory - emulator::allocated)
    return emulator::remember(cudaErrorMemoryAllocation);
  const std::size_t rounded =
      (bytes + emulator::kAlignment) / emulator::kAlignment * emulator::kAlignment;
  *memory = std::aligned_alloc(emulator::kAlignment, rounded);
  if (*memory == nullptr) return emulator::remember(cudaErrorMemoryAllocation);
  emulator::allocations[*memory] = rounded;
  emulator::allocated += rounded;
  return cudaSuccess;
}
cudaError_t cudaFree(void* memory) {
  const std::lock_guard lock(emulator::memory_mutex);
  const auto found = emulator::allocations.find(memory);
  if (found == emulator::allocations.end())
    return memory == nullptr ? cudaSuccess : emulator::remember(cudaErrorInvalidValue);
  emulator::allocated -= found->second;
  emulator::allocations.erase(found);
  std::free(memory);
  return cudaSuccess;
}
cudaError_t cudaMallocHost(void** memory, std::size_t bytes) {
  *memory = std::malloc(bytes > 0 ? bytes : 1);
  return *memory != nullptr ? cudaSuccess : emulator::remember(cudaErrorMemoryAllocation);
}
cudaError_t cudaFreeHost(void* memory) {
  std::free(memory);
  return cudaSuccess;
}
cudaError_t cudaMemGetInfo(std::size_t* free, std::size_t* total) {
  const std::lock_guard lock(emulator::memory_mutex);
  *total = emulator::kMemory;
  *free = emulator::kMemory - emulator::allocated;
  return cudaSuccess;
}
cudaError_t cudaMemcpy(void* to, const void* from, std::size_t bytes, cudaMemcpyKind) {
  if (bytes > 0) std::memmove(to, from, bytes);
  return cudaSuccess;
}
cudaError_t cudaMemcpyAsync(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind,
                            cudaStream_t stream) {
  return emulator::enqueue(stream, [=] { cudaMemcpy(to, from, bytes, kind); });
}
cudaError_t cudaMemsetAsync(void* to, int value, std::size_t bytes, cudaStream_t stream) {
  return emulator::enqueue(stream, [=] { std::memset(to, value, bytes); });
}

cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned) {
  *stream = new CUstream_st;
  return cudaSuccess;
}
cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  delete stream;
  return cudaSuccess;
}
cudaError_t cudaStreamSynchronize(cudaStream_t) {
  // What failed asynchronously is told here.
  return emulator::last_error == cudaErrorLaunchFailure ? cudaGetLastError() : cudaSuccess;
}
cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode) {
  stream->capture = new CUgraph_st;
  return cudaSuccess;
}
cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t* graph) {
  *graph = stream->capture;
  stream->capture = nullptr;
  return cudaSuccess;
}
cudaError_t cudaThreadExchangeStreamCaptureMode(cudaStreamCaptureMode*) { return cudaSuccess; }
cudaError_t cudaGraphInstantiate(cudaGraphExec_t* executable, cudaGraph_t graph,
                                 unsigned long long) {
  *executable = new CUgraphExec_st{graph->operations};
  return cudaSuccess;
}
cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
  delete graph;
  return cudaSuccess;
}
cudaError_t cudaGraphExecDestroy(cudaGraphExec_t executable) {
  delete executable;
  return cudaSuccess;
}
cudaError_t cudaGraphLaunch(cudaGraphExec_t executable, cudaStream_t stream) {
  for (const emulator::Operation& operation : executable->operations)
    emulator::enqueue(stream, operation);
  return cudaSuccess;
}
cudaError_t cudaLaunchHostFunc(cudaStream_t stream, cudaHostFn_t function, void* data) {
  return emulator::enqueue(stream, [=] { function(data); });
}

cudaError_t cudaEventCreate(cudaEvent_t* event) {
  *event = new CUevent_st;
  return cudaSuccess;
}
cudaError_t cudaEventDestroy(cudaEvent_t event) {
  delete event;
  return cudaSuccess;
}
cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream) {
  return emulator::enqueue(stream, [=] { event->when = std::chrono::steady_clock::now(); });
}
cudaError_t cudaEventSynchronize(cudaEvent_t) { return cudaSuccess; }
cudaError_t cudaEventElapsedTime(float* ms, cudaEvent_t first, cudaEvent_t last) {
  *ms = std::chrono::duration<float, std::milli>(last->when - first->when).count();
  return cudaSuccess;
}

cudaError_t cudaGetDriverEntryPointByVersion(const char* name, void** function, unsigned,
                                             unsigned long long,
                                             cudaDriverEntryPointQueryResult* found) {
  const std::string wanted = name;
  *function = nullptr;
  if (wanted == "cuTensorMapEncodeTiled")
    *function = reinterpret_cast<void*>(&emulator::encode_tiled);
  else if (wanted == "cuTensorMapEncodeIm2col")
    *function = reinterpret_cast<void*>(&emulator::encode_im2col);
  if (found != nullptr)
    *found =
        *function != nullptr ? cudaDriverEntryPointSuccess : cudaDriverEntryPointSymbolNotFound;
  return cudaSuccess;
}

}  // extern "C"
