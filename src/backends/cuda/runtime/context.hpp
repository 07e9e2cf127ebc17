// A stream of the GPU, device memory that frees itself, and executables made of launches.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <vector>

#include "kernels/backend.hpp"

namespace octet::cuda {

class StreamContext final : public ExecutionContext {
 public:
  StreamContext();
  ~StreamContext() override;
  StreamContext(const StreamContext&) = delete;
  StreamContext& operator=(const StreamContext&) = delete;

  cudaStream_t stream() const noexcept { return stream_; }

  // What the executable with this number keeps per context (staging memory, say): made on first
  // use, freed with the context. A context is used by one run at a time, so this needs no lock.
  template <typename T, typename Make>
  T& attachment(std::uint64_t owner, Make make) const {
    std::shared_ptr<void>& slot = attachments_[owner];
    if (!slot) slot = make();
    return *static_cast<T*>(slot.get());
  }

 private:
  cudaStream_t stream_ = nullptr;
  mutable std::map<std::uint64_t, std::shared_ptr<void>> attachments_;
};

// A number that no other caller in this process gets.
std::uint64_t unique_number();

cudaStream_t stream_of(const ExecutionContext& context);
inline cudaStream_t stream_of(const RunArgs& args) { return stream_of(*args.context); }

// 256-byte aligned device memory. Throws Error(resource_exhausted).
std::shared_ptr<std::byte> allocate_device(std::size_t bytes);

// Page-locked host memory, which the copy engines read and write at the full rate of the bus.
// Throws Error(resource_exhausted).
std::shared_ptr<std::byte> allocate_pinned(std::size_t bytes);

// A constant in device memory: packed weights, tables. Copied once, synchronously.
class DeviceArray {
 public:
  DeviceArray() = default;
  DeviceArray(const void* host, std::size_t bytes);
  template <typename T>
  explicit DeviceArray(const std::vector<T>& host)
      : DeviceArray(host.data(), host.size() * sizeof(T)) {}

  template <typename T>
  const T* as() const noexcept {
    return reinterpret_cast<const T*>(data_.get());
  }
  bool empty() const noexcept { return data_ == nullptr; }

 private:
  std::shared_ptr<std::byte> data_;
};

// An executable that is one function of (RunArgs, stream). `reads` names the constant inputs whose
// bytes the function still reads; absent means all.
template <typename Function>
class LaunchExecutable final : public Executable {
 public:
  LaunchExecutable(Function function, std::size_t workspace_bytes, std::vector<bool> reads)
      : function_(std::move(function)), workspace_(workspace_bytes), reads_(std::move(reads)) {}

  void run(const RunArgs& args) const override { function_(args, stream_of(args)); }
  std::size_t workspace() const override { return workspace_; }
  bool reads_input(std::size_t index) const override {
    return index >= reads_.size() || reads_[index];
  }

 private:
  Function function_;
  std::size_t workspace_;
  std::vector<bool> reads_;
};

template <typename Function>
std::unique_ptr<Executable> make_launch(Function function, std::size_t workspace_bytes = 0,
                                        std::vector<bool> reads = {}) {
  return std::make_unique<LaunchExecutable<Function>>(std::move(function), workspace_bytes,
                                                      std::move(reads));
}

}  // namespace octet::cuda
