#include <octet/status.hpp>

namespace octet {

std::string_view to_string(StatusCode code) noexcept {
  switch (code) {
    case StatusCode::ok: return "ok";
    case StatusCode::verification_failed: return "verification failed";
    case StatusCode::invalid_argument: return "invalid argument";
    case StatusCode::invalid_model: return "invalid model";
    case StatusCode::invalid_input: return "invalid input";
    case StatusCode::unsupported: return "unsupported";
    case StatusCode::unavailable: return "unavailable";
    case StatusCode::resource_exhausted: return "resource exhausted";
    case StatusCode::io_error: return "input/output error";
    case StatusCode::internal: return "internal error";
  }
  return "internal error";
}

int exit_code(StatusCode code) noexcept {
  switch (code) {
    case StatusCode::ok: return 0;
    case StatusCode::verification_failed: return 1;
    case StatusCode::invalid_argument: return 2;
    case StatusCode::invalid_model:
    case StatusCode::invalid_input: return 3;
    case StatusCode::unsupported: return 4;
    case StatusCode::unavailable: return 5;
    case StatusCode::resource_exhausted: return 6;
    case StatusCode::io_error: return 7;
    case StatusCode::internal: return 70;
  }
  return 70;
}

std::string Status::to_string() const {
  if (ok()) return "ok";
  std::string text;
  if (!where_.empty()) text += where_ + ": ";
  text += message_;
  if (!hint_.empty()) text += " (" + hint_ + ")";
  return text;
}

}  // namespace octet
