#include <octet/version.hpp>

namespace octet {

std::string_view version() noexcept { return OCTET_VERSION; }

std::string_view compiler() noexcept {
#ifdef __clang__
  return "Clang " __clang_version__;
#else
  return "GCC " __VERSION__;
#endif
}

}  // namespace octet
