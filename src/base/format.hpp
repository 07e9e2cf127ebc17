// concat("a ", 3, " b"): builds a message from streamable pieces.
#pragma once

#include <sstream>
#include <string>

namespace octet {

template <typename... Parts>
std::string concat(const Parts&... parts) {
  std::ostringstream out;
  (out << ... << parts);
  return std::move(out).str();
}

// "a, b, c"
template <typename Range>
std::string join(const Range& range, const char* separator = ", ") {
  std::ostringstream out;
  bool first = true;
  for (const auto& item : range) {
    if (!first) out << separator;
    first = false;
    out << item;
  }
  return std::move(out).str();
}

}  // namespace octet
