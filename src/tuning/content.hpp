// Plausible bytes for operands that have no value before the run.
#pragma once

#include "kernels/backend.hpp"

namespace octet {

// Fills `to`, memory of `backend` for a value of this type: bytes as they are after a ReLU (half of
// them zero, the others small), floats in [-1, 1), zero for wider integers, which may be indices. A
// block of random content is made once per process and repeated by copies inside the memory, so
// that large operands cost little.
void fill_plausibly(const Backend& backend, const TensorType& type, std::byte* to,
                    ExecutionContext& context);

}  // namespace octet
