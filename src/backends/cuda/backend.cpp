#include "backends/cuda/backend.hpp"

#include <cuda_runtime.h>
#include <nvtx3/nvToolsExt.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <mutex>

#include "backends/cuda/kernel_lists.hpp"
#include "backends/cuda/runtime/check.hpp"
#include "backends/cuda/runtime/context.hpp"
#include "backends/cuda/runtime/device.hpp"
#include "base/format.hpp"

namespace octet {
namespace cuda {
namespace {

class GraphRecording final : public Recording {
 public:
  explicit GraphRecording(cudaGraph_t graph) {
    const cudaError_t error = cudaGraphInstantiate(&executable_, graph, 0);
    static_cast<void>(cudaGraphDestroy(graph));
    check(error, "cudaGraphInstantiate()");
  }
  ~GraphRecording() override { static_cast<void>(cudaGraphExecDestroy(executable_)); }
  GraphRecording(const GraphRecording&) = delete;
  GraphRecording& operator=(const GraphRecording&) = delete;

  void replay(ExecutionContext& context) const override {
    OCTET_CUDA_CHECK(cudaGraphLaunch(executable_, stream_of(context)));
  }

 private:
  cudaGraphExec_t executable_ = nullptr;
};

class EventTimer final : public Timer {
 public:
  EventTimer() {
    OCTET_CUDA_CHECK(cudaEventCreate(&start_));
    OCTET_CUDA_CHECK(cudaEventCreate(&stop_));
  }
  ~EventTimer() override {
    static_cast<void>(cudaEventDestroy(start_));
    static_cast<void>(cudaEventDestroy(stop_));
  }
  EventTimer(const EventTimer&) = delete;
  EventTimer& operator=(const EventTimer&) = delete;

  void start(ExecutionContext& context) override {
    OCTET_CUDA_CHECK(cudaEventRecord(start_, stream_of(context)));
  }
  void stop(ExecutionContext& context) override {
    OCTET_CUDA_CHECK(cudaEventRecord(stop_, stream_of(context)));
  }
  double milliseconds() override {
    float elapsed = 0.0f;
    OCTET_CUDA_CHECK(cudaEventSynchronize(stop_));
    OCTET_CUDA_CHECK(cudaEventElapsedTime(&elapsed, start_, stop_));
    return static_cast<double>(elapsed);
  }

 private:
  cudaEvent_t start_ = nullptr, stop_ = nullptr;
};

// 13000 is 13.0.
std::string cuda_version(int number) { return concat(number / 1000, ".", number % 1000 / 10); }

class CudaBackend final : public Backend {
 public:
  explicit CudaBackend(std::vector<KernelSource> libraries) : libraries_(std::move(libraries)) {}

  std::string_view name() const noexcept override { return "cuda"; }
  std::string description() const override {
    if (!device_verdict()) return {};
    const DeviceIdentity id = identity();
    return concat(id.device, ", compute capability ", id.capability, ", driver ", id.driver, ", ",
                  id.library);
  }
  DeviceIdentity identity() const override {
    const Device& gpu = device();
    return {gpu.name, concat(gpu.major, ".", gpu.minor), cuda_version(gpu.driver),
            "CUDA " + cuda_version(gpu.runtime)};
  }
  Verdict available() const override { return device_verdict(); }
  void open() const override {
    static_cast<void>(device());
    OCTET_CUDA_CHECK(cudaFree(nullptr));  // the usual way to ask for the context
  }
  DevicePeaks peaks() const override { return device_peaks(device()); }
  std::span<const Kernel> kernels(std::string_view op_kind) const override {
    const std::lock_guard lock(mutex_);
    auto found = lists_.find(op_kind);
    if (found == lists_.end())
      found = lists_.emplace(std::string(op_kind), make_list(op_kind)).first;
    return found->second;
  }
  bool is_host() const noexcept override { return false; }

  std::unique_ptr<ExecutionContext> make_context(const Demands&) const override {
    return std::make_unique<StreamContext>();
  }
  std::shared_ptr<std::byte> allocate(std::size_t bytes) const override {
    return allocate_device(bytes);
  }
  Tensor make_host_tensor(const TensorType& type) const override {
    const auto memory = allocate_pinned(type.bytes());
    std::memset(memory.get(), 0, type.bytes());
    return {type, memory, memory.get()};
  }
  void copy_in(std::byte* to, const std::byte* from_host, std::size_t bytes,
               ExecutionContext& context) const override {
    OCTET_CUDA_CHECK(
        cudaMemcpyAsync(to, from_host, bytes, cudaMemcpyHostToDevice, stream_of(context)));
  }
  void copy_out(std::byte* to_host, const std::byte* from, std::size_t bytes,
                ExecutionContext& context) const override {
    OCTET_CUDA_CHECK(
        cudaMemcpyAsync(to_host, from, bytes, cudaMemcpyDeviceToHost, stream_of(context)));
  }
  void copy_within(std::byte* to, const std::byte* from, std::size_t bytes,
                   ExecutionContext& context) const override {
    OCTET_CUDA_CHECK(
        cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToDevice, stream_of(context)));
  }
  void synchronise(ExecutionContext& context) const override {
    OCTET_CUDA_CHECK(cudaStreamSynchronize(stream_of(context)));
  }
  std::size_t cache_bytes() const override { return device().l2; }

  std::unique_ptr<Recording> record(ExecutionContext& context,
                                    const std::function<void()>& steps) const override {
    const cudaStream_t stream = stream_of(context);
    OCTET_CUDA_CHECK(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal));
    cudaGraph_t graph = nullptr;
    try {
      steps();
    } catch (...) {
      // The capture must be ended before the stream can be used again.
      static_cast<void>(cudaStreamEndCapture(stream, &graph));
      if (graph != nullptr) static_cast<void>(cudaGraphDestroy(graph));
      throw;
    }
    OCTET_CUDA_CHECK(cudaStreamEndCapture(stream, &graph));
    return std::make_unique<GraphRecording>(graph);
  }
  void begin_range(const char* name) const override { nvtxRangePushA(name); }
  void end_range() const override { nvtxRangePop(); }
  std::unique_ptr<Timer> make_timer() const override { return std::make_unique<EventTimer>(); }

 private:
  std::vector<Kernel> make_list(std::string_view op_kind) const {
    std::vector<Kernel> list;
    for (const Kernel& kernel : kernel_list(op_kind)) list.push_back(kernel);
    for (const KernelSource source : libraries_) {
      const auto rows = source(op_kind);
      list.insert(list.end(), rows.begin(), rows.end());
    }
    std::stable_partition(list.begin(), list.end(), [](const Kernel& k) { return !k.naive; });
    return list;
  }

  std::vector<KernelSource> libraries_;
  mutable std::mutex mutex_;
  mutable std::map<std::string, std::vector<Kernel>, std::less<>> lists_;
};

}  // namespace
}  // namespace cuda

std::unique_ptr<Backend> make_cuda_backend(std::vector<KernelSource> libraries) {
  return std::make_unique<cuda::CudaBackend>(std::move(libraries));
}

}  // namespace octet
