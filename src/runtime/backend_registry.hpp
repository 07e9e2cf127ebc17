// The backends of this build, by name.
#pragma once

#include "kernels/backend.hpp"

namespace octet {

struct BackendEntry {
  const Backend* backend = nullptr;
  // Backends, this one included, whose kernels a session that asks for it may use, in order.
  std::vector<const Backend*> chain;
};

// Every backend that was built, the usually fastest first; the reference comes last. They live as
// long as the program. Thread safe.
std::span<const BackendEntry> all_backends();

// The entry for a name, or for "auto" the first that works on this machine.
// Throws Error(invalid_argument) for an unknown name and Error(unavailable) with the reason where
// the backend was not built or cannot run here.
const BackendEntry& find_backend(std::string_view name);

}  // namespace octet
