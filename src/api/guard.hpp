// Where exceptions end: every public function that returns a Status or Result runs inside one.
#pragma once

#include <new>
#include <octet/status.hpp>
#include <type_traits>

namespace octet {

// The Status for the exception that is being handled.
inline Status current_failure() {
  try {
    throw;
  } catch (const Error& error) {
    return error.status();
  } catch (const std::bad_alloc&) {
    return {StatusCode::resource_exhausted, "the memory of this machine does not suffice"};
  } catch (const std::exception& error) {
    return {StatusCode::internal, error.what(), {}, "please report this as a bug"};
  } catch (...) {
    return {StatusCode::internal, "an unknown exception", {}, "please report this as a bug"};
  }
}

// What `work` returns, or why it failed: a Status if it returns nothing, else a Result.
template <typename Work>
auto guarded(const Work& work) {
  using Returned = std::invoke_result_t<Work>;
  if constexpr (std::is_void_v<Returned>) {
    try {
      work();
      return Status();
    } catch (...) {
      return current_failure();
    }
  } else {
    try {
      return Result<Returned>(work());
    } catch (...) {
      return Result<Returned>(current_failure());
    }
  }
}

}  // namespace octet
