// Shapes and types as pieces of messages. Unlike to_string() at the call, they cost nothing where
// the message is not built.
#pragma once

#include <octet/tensor.hpp>
#include <ostream>

namespace octet {

inline std::ostream& operator<<(std::ostream& out, const Shape& shape) {
  return out << shape.to_string();
}
inline std::ostream& operator<<(std::ostream& out, const TensorType& type) {
  return out << type.to_string();
}

}  // namespace octet
