// Reading runs of elements of any dtype as one computing type, and writing them back.
//
// T is float, double, std::int64_t or std::uint64_t; every dtype converts exactly to the one that
// arithmetic_of() names for it.
#pragma once

#include "ir/op.hpp"
#include "ops/epilogue.hpp"

namespace octet {

enum class Arithmetic : std::uint8_t { binary32, binary64, integer, unsigned64 };

// f64 needs binary64, u64 its own, every other integer and boolean std::int64_t.
Arithmetic arithmetic_of(DType dtype) noexcept;

// Calls f(T{}) with the type behind an Arithmetic.
template <typename F>
decltype(auto) with_arithmetic(Arithmetic arithmetic, F&& f) {
  switch (arithmetic) {
    case Arithmetic::binary32: return f(float{});
    case Arithmetic::binary64: return f(double{});
    case Arithmetic::integer: return f(std::int64_t{});
    default: return f(std::uint64_t{});
  }
}

class ElementReader {
 public:
  explicit ElementReader(const ConstView& source);

  // out[i] = element `first + i * stride`. A quantised element becomes fl(float(q - z) * s) when T
  // is a float, q - z when it is an integer.
  template <typename T>
  void read(std::int64_t first, std::int64_t stride, std::int64_t count, T* out) const;

 private:
  const std::byte* data_;
  DType dtype_;
  bool quantised_;
  std::int64_t zero_point_ = 0;
  float scale_ = 1.0f;
};

class ElementWriter {
 public:
  // `rule` is how floats become quantised integers.
  ElementWriter(const View& target, QuantRule rule);

  // Element `first + i * stride` = in[i]. An integer T gets the zero point of a quantised target
  // added and then wraps around, or with `saturate` is clamped. Floats become quantised by the
  // rule, plain integers truncated and clamped (NaN the lowest), and boolean what differs from 0.
  template <typename T>
  void write(std::int64_t first, std::int64_t stride, std::int64_t count, const T* in,
             bool saturate = false) const;

 private:
  std::byte* data_;
  DType dtype_;
  bool quantised_;
  std::int64_t zero_point_ = 0;
  Quantiser quantiser_;
};

}  // namespace octet
