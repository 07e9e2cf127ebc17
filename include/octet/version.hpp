// Which version of the library this is, and with what it was built.
#pragma once

#include <string_view>

namespace octet {

// "0.1.0"; semantic versioning.
std::string_view version() noexcept;
// "GCC 12.2.0"
std::string_view compiler() noexcept;

}  // namespace octet
