// A hash of bytes: for keys of caches, not against people who want two things to look the same.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace octet {

// XXH64. Pieces are chained by passing what came before as `seed`.
std::uint64_t hash_bytes(std::span<const std::byte> bytes, std::uint64_t seed = 0);
std::uint64_t hash_text(std::string_view text, std::uint64_t seed = 0);

// Sixteen hexadecimal digits.
std::string to_hex(std::uint64_t hash);

}  // namespace octet
