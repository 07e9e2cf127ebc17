#include "formats/mge/operator_id.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <string>

namespace octet::mge {

std::uint64_t hash_of(std::string_view bytes) {
  constexpr XXH64_hash_t kSeed = 20160701;
  const std::uint64_t hash = XXH64(bytes.data(), bytes.size(), kSeed);
  return hash == 0 ? 1 : hash;
}

std::string_view without_version(std::string_view name) {
  const std::size_t n = name.size();
  if (n > 2 && name[n - 2] == 'V' && name[n - 1] >= '0' && name[n - 1] <= '9')
    return name.substr(0, n - 2);
  return name;
}

std::uint64_t versioned_id(std::string_view name) {
  std::string text(name);
  text.push_back('\0');
  return hash_of(text);
}

std::uint64_t unversioned_id(std::string_view name) { return hash_of(without_version(name)); }

}  // namespace octet::mge
