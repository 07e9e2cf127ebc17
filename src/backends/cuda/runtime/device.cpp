#include "backends/cuda/runtime/device.hpp"

#include <octet/status.hpp>

#include "backends/cuda/runtime/check.hpp"
#include "base/format.hpp"

namespace octet::cuda {
namespace {

struct Probe {
  Device device;
  Verdict verdict = Verdict::accept();
};

std::string uuid_text(const cudaUUID_t& uuid) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const char byte : uuid.bytes) {
    const auto value = static_cast<unsigned char>(byte);
    text += kDigits[value >> 4];
    text += kDigits[value & 15];
  }
  return text;
}

Probe probe() {
  Probe result;
  int count = 0;
  const cudaError_t error = cudaGetDeviceCount(&count);
  if (error != cudaSuccess || count == 0) {
    static_cast<void>(cudaGetLastError());
    result.verdict = Verdict::refuse(
        concat("no usable NVIDIA GPU was found (",
               error == cudaSuccess ? "the driver lists none" : cudaGetErrorString(error), ")"));
    return result;
  }
  int current = 0;
  cudaDeviceProp properties{};
  Device& device = result.device;
  OCTET_CUDA_CHECK(cudaGetDevice(&current));
  OCTET_CUDA_CHECK(cudaGetDeviceProperties(&properties, current));
  OCTET_CUDA_CHECK(cudaDriverGetVersion(&device.driver));
  OCTET_CUDA_CHECK(cudaRuntimeGetVersion(&device.runtime));
  const auto attribute = [&](int& value, cudaDeviceAttr name) {
    OCTET_CUDA_CHECK(cudaDeviceGetAttribute(&value, name, current));
  };
  attribute(device.clock_khz, cudaDevAttrClockRate);
  attribute(device.memory_clock_khz, cudaDevAttrMemoryClockRate);
  attribute(device.memory_bus_bits, cudaDevAttrGlobalMemoryBusWidth);
  device.name = properties.name;
  device.uuid = uuid_text(properties.uuid);
  device.major = properties.major;
  device.minor = properties.minor;
  device.multiprocessors = properties.multiProcessorCount;
  device.memory = properties.totalGlobalMem;
  device.l2 = static_cast<std::size_t>(properties.l2CacheSize);
  device.shared_memory_per_block = properties.sharedMemPerBlockOptin;
  if (device.capability() < 75)
    result.verdict =
        Verdict::refuse(concat("the GPU ", device.name, " has compute capability ", device.major,
                               ".", device.minor, "; 7.5 is the least that is supported"));
  return result;
}

const Probe& probed() {
  static const Probe result = [] {
    try {
      return probe();
    } catch (const Error& error) {
      Probe failed;
      failed.verdict = Verdict::refuse(error.what());
      return failed;
    }
  }();
  return result;
}

}  // namespace

const Verdict& device_verdict() { return probed().verdict; }

const Device& device() {
  if (!probed().verdict)
    throw Error(StatusCode::unavailable, probed().verdict.reason(), "GPU",
                "run without GPU options, or with --backend reference");
  return probed().device;
}

DevicePeaks device_peaks(const Device& device) {
  // Multiply-accumulates of one multiprocessor in one clock, by its Tensor Cores.
  const double per_clock = device.capability() >= 90   ? 4096.0
                           : device.capability() == 80 ? 2048.0
                                                       : 1024.0;
  return {per_clock * device.multiprocessors * device.clock_khz * 1e3,
          // Two transfers per clock.
          2.0 * device.memory_clock_khz * 1e3 * device.memory_bus_bits / 8.0};
}

bool has_wgmma() { return device_verdict().ok() && device().capability() == 90; }

}  // namespace octet::cuda
