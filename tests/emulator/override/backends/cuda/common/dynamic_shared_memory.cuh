// A block's dynamic shared memory on the emulated device; see the header of the same name under
// src.
#pragma once

#include <cstdint>

#include "emulator/machine.hpp"

namespace octet::cuda {

inline std::uint8_t* dynamic_shared_memory() {
  return reinterpret_cast<std::uint8_t*>(octet::emulator::self().block->shared);
}

}  // namespace octet::cuda
