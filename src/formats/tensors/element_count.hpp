// How many elements a shape from outside has.
#pragma once

#include <octet/tensor.hpp>
#include <string>

namespace octet {

// Throws Error(resource_exhausted) with `where` above limits::kElements. An extent of 0 does not
// hide what the others claim.
std::int64_t element_count(const Shape& shape, const std::string& where);

}  // namespace octet
