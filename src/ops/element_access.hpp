// Reading runs of elements of any dtype as one computing type, and writing them back.
//
// T is one of the types behind Arithmetic (ops/element_format.hpp).
#pragma once

#include "ir/op.hpp"
#include "ops/attributes.hpp"
#include "ops/element_format.hpp"

namespace octet {

class ElementReader {
 public:
  explicit ElementReader(const ConstView& source);

  // out[i] = element `first + i * stride`, by to_number().
  template <typename T>
  void read(std::int64_t first, std::int64_t stride, std::int64_t count, T* out) const;

 private:
  const std::byte* data_;
  ElementFormat format_;
};

class ElementWriter {
 public:
  // `rule` is how floats become quantised integers.
  ElementWriter(const View& target, QuantRule rule);

  // Element `first + i * stride` = in[i], by to_stored().
  template <typename T>
  void write(std::int64_t first, std::int64_t stride, std::int64_t count, const T* in,
             bool saturate = false) const;

 private:
  std::byte* data_;
  ElementFormat format_;
};

}  // namespace octet
