// The outside of a protobuf message: which fields it has, without building anything.
//
// protobuf turns two bytes of a file into an object of a hundred, so the number of objects is
// checked here before the messages are parsed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace octet::onnx {

// Goes through the fields of one message. Stops at the first byte that is not protobuf.
class WireCursor {
 public:
  explicit WireCursor(std::span<const std::byte> message) noexcept : rest_(message) {}

  // Moves to the next field; false at the end or at a malformed field (see broken()).
  bool next() noexcept;

  std::uint32_t field() const noexcept { return field_; }
  bool is_message() const noexcept { return wire_type_ == 2; }  // a length and that many bytes
  bool is_varint() const noexcept { return wire_type_ == 0; }
  std::uint64_t varint() const noexcept { return value_; }
  std::span<const std::byte> payload() const noexcept { return payload_; }
  bool broken() const noexcept { return broken_; }

 private:
  bool read_varint(std::uint64_t& value) noexcept;
  bool take(std::uint64_t count) noexcept;

  std::span<const std::byte> rest_, payload_;
  std::uint64_t value_ = 0;
  std::uint32_t field_ = 0;
  std::uint32_t wire_type_ = 0;
  bool broken_ = false;
};

// Throws Error(resource_exhausted) where an ONNX model holds more nodes, objects or levels of
// subgraphs than base/limits.hpp allows. Malformed parts are left for the parser to refuse.
void check_model_size(std::span<const std::byte> model);

}  // namespace octet::onnx
