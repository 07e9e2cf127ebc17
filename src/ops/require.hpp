// How inference refuses: one line per condition, with the sentence beside it.
#pragma once

#include <octet/status.hpp>

#include "base/format.hpp"
#include "tensor/print.hpp"

namespace octet {

// Throws Error(invalid_model) with the concatenated parts unless the condition holds.
template <typename... Parts>
void require(bool condition, const Parts&... parts) {
  if (!condition) throw Error(StatusCode::invalid_model, concat(parts...));
}

// The same for what is well formed but beyond this engine: Error(unsupported).
template <typename... Parts>
void require_supported(bool condition, const Parts&... parts) {
  if (!condition) throw Error(StatusCode::unsupported, concat(parts...));
}

}  // namespace octet
