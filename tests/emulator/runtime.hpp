// The CUDA runtime of the emulated device: its functions are those that cuda_runtime.h declares.
#pragma once

#include <driver_types.h>

#include "emulator/machine.hpp"

namespace octet::emulator {

// Runs the grid now, or records it where the stream is being captured.
void launch(const Grid& grid, cudaStream_t stream, Operation kernel);

}  // namespace octet::emulator
