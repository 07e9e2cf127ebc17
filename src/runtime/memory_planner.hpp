// Lays buffers that live at different times into one arena.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace octet {

// A buffer that is needed from step `first` to step `last`, both included.
struct BufferRequest {
  std::size_t bytes = 0;
  std::int32_t first = 0;
  std::int32_t last = 0;
};

struct MemoryLayout {
  std::vector<std::size_t> offsets;  // one per request, multiples of the alignment
  std::size_t arena_bytes = 0;
  std::size_t total_bytes = 0;  // what the arena would be without reuse
  std::size_t least_bytes = 0;  // the most that is alive at one step: no arena can be smaller
};

// Largest buffer first, each into the smallest gap that holds it between the buffers that live at
// the same time. `reuse` off gives every buffer a place of its own.
// Throws Error(resource_exhausted) when the sum of the sizes overflows.
MemoryLayout lay_out(std::span<const BufferRequest> requests, std::size_t alignment,
                     bool reuse = true);

}  // namespace octet
