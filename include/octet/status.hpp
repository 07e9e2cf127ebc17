// Status, Result and Error: how every failure of the library is described.
//
// A failure says what happened, where, and what to do about it. Public functions return it as a
// value (Status or Result); `Result::value()` throws it as an Error for callers who prefer that.
#pragma once

#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace octet {

// Each code maps to one process exit code (see exit_code()).
enum class StatusCode : std::uint8_t {
  ok,
  verification_failed,  // a comparison or a check inside the model failed            exit 1
  invalid_argument,     // the caller's options or tensors are wrong                  exit 2
  invalid_model,        // bytes from outside are broken or contradict themselves     exit 3
  invalid_input,        // an input file or tensor does not fit the model             exit 3
  unsupported,          // well formed, but this build cannot do it                   exit 4
  unavailable,          // a device, driver or library is missing or failed           exit 5
  resource_exhausted,   // a stated limit or the memory is exceeded                   exit 6
  io_error,             // the operating system refused a file                        exit 7
  internal,             // a bug in this library                                      exit 70
};

std::string_view to_string(StatusCode code) noexcept;
int exit_code(StatusCode code) noexcept;

class [[nodiscard]] Status {
 public:
  Status() = default;  // ok
  Status(StatusCode code, std::string message, std::string where = {}, std::string hint = {})
      : code_(code),
        message_(std::move(message)),
        where_(std::move(where)),
        hint_(std::move(hint)) {}

  bool ok() const noexcept { return code_ == StatusCode::ok; }
  StatusCode code() const noexcept { return code_; }
  const std::string& message() const noexcept { return message_; }  // what happened
  const std::string& where() const noexcept { return where_; }      // file, node or option
  const std::string& hint() const noexcept { return hint_; }        // what to do; may be empty

  // "<where>: <message> (<hint>)", one line.
  std::string to_string() const;

 private:
  StatusCode code_ = StatusCode::ok;
  std::string message_, where_, hint_;
};

// The exception form of a failed Status. Inside the library failures travel as Error; api/ turns
// them into Status values, so no public function that returns Status or Result throws.
class Error : public std::exception {
 public:
  explicit Error(Status status) : status_(std::move(status)), text_(status_.to_string()) {}
  Error(StatusCode code, std::string message, std::string where = {}, std::string hint = {})
      : Error(Status(code, std::move(message), std::move(where), std::move(hint))) {}

  const Status& status() const noexcept { return status_; }
  const char* what() const noexcept override { return text_.c_str(); }

 private:
  Status status_;
  std::string text_;
};

// A value or the Status that says why there is none.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : value_(std::move(value)) {}          // NOLINT: implicit by design
  Result(Status status) : status_(std::move(status)) {}  // NOLINT: implicit by design

  bool ok() const noexcept { return value_.has_value(); }
  explicit operator bool() const noexcept { return ok(); }
  const Status& status() const noexcept { return status_; }

  // Throws Error when there is no value.
  T& value() & { return require(), *value_; }
  const T& value() const& { return require(), *value_; }
  T&& value() && { return require(), std::move(*value_); }

  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }

 private:
  void require() const {
    if (!value_) throw Error(status_);
  }
  std::optional<T> value_;
  Status status_;
};

}  // namespace octet
