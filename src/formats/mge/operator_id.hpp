// The numbers by which files name operators.
//
// MegEngine stores the xxHash64 (seed 20160701) of an operator's registered name. MGBC files and
// operators of version 2 in V2 files hold versioned ids, all others unversioned ones.
#pragma once

#include <cstdint>
#include <string_view>

namespace octet::mge {

std::uint64_t versioned_id(std::string_view name);        // of the name with its terminating NUL
std::uint64_t unversioned_id(std::string_view name);      // of the name without_version()
std::string_view without_version(std::string_view name);  // without a trailing V<digit>

// MegEngine's hash of any bytes; never 0.
std::uint64_t hash_of(std::string_view bytes);

}  // namespace octet::mge
