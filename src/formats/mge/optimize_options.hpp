#pragma once

#include <cstdint>
#include <string>

namespace octet::mge {

// The options word of a file's metadata in words, named as the dump options are; empty when no
// option but the default was used.
std::string describe_options(std::uint64_t options);

}  // namespace octet::mge
