// The GPU that the backend runs on: the current device of the process, read once.
#pragma once

#include <cstddef>
#include <string>

#include "kernels/backend.hpp"

namespace octet::cuda {

struct Device {
  std::string name, uuid;
  int major = 0, minor = 0;  // compute capability
  int multiprocessors = 0;
  int clock_khz = 0, memory_clock_khz = 0;  // the highest
  int memory_bus_bits = 0;
  std::size_t memory = 0, l2 = 0;           // bytes
  std::size_t shared_memory_per_block = 0;  // bytes, the most a block may ask for
  int driver = 0, runtime = 0;              // as CUDA counts: 13000 is 13.0

  int capability() const noexcept { return major * 10 + minor; }
};

// The device, or why there is none: no driver, no GPU, or one that this build has no code for.
const Verdict& device_verdict();
const Device& device();  // throws Error(unavailable) when device_verdict() refuses

// From the clocks and the widths that the device states.
DevicePeaks device_peaks(const Device& device);

// True where the Hopper kernels (wgmma, TMA) run.
bool has_wgmma();

}  // namespace octet::cuda
