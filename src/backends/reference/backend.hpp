// The reference backend: every operator in plain loops, exactly as its file in src/ops defines it.
#pragma once

#include <memory>

#include "kernels/backend.hpp"

namespace octet {

std::unique_ptr<Backend> make_reference_backend();

}  // namespace octet
