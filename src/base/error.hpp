// The same failure, said of another place.
#pragma once

#include <octet/status.hpp>
#include <string>

namespace octet {

inline Error at_place(const Error& error, std::string where) {
  const Status& status = error.status();
  return {status.code(), status.message(), std::move(where), status.hint()};
}

}  // namespace octet
