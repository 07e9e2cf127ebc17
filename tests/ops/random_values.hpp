// Seeded random tensors. The generator's numbers are used as they come, without the library's
// distributions, so that a seed means the same everywhere.
#pragma once

#include <random>

#include "ops/op_harness.hpp"

namespace octet::testing {

class Random {
 public:
  explicit Random(std::uint32_t seed) : engine_(seed) {}

  // In lowest ... highest.
  std::int64_t integer(std::int64_t lowest, std::int64_t highest) {
    const auto range = static_cast<std::uint64_t>(highest - lowest) + 1;
    return lowest + static_cast<std::int64_t>(engine_() % range);
  }
  bool coin() { return integer(0, 1) == 1; }
  float real(float lowest, float highest) {
    return lowest + (highest - lowest) * static_cast<float>(integer(0, 1 << 20)) * 0x1p-20f;
  }
  template <typename T>
  T pick(std::initializer_list<T> choices) {
    return choices.begin()[integer(0, static_cast<std::int64_t>(choices.size()) - 1)];
  }

  // Any values of the dtype (of s32: of 16 bits; of f32: in -2 ... 2).
  Tensor tensor(DType dtype, const Shape& shape, std::optional<Quant> quant = std::nullopt) {
    Tensor out(TensorType{dtype, shape, kNCHW, std::move(quant)});
    switch (dtype) {
      case DType::s8: fill<std::int8_t>(out, [&] { return integer(-128, 127); }); break;
      case DType::u8: fill<std::uint8_t>(out, [&] { return integer(0, 255); }); break;
      case DType::s32: fill<std::int32_t>(out, [&] { return integer(-32768, 32767); }); break;
      case DType::f32: fill<float>(out, [&] { return real(-2.0f, 2.0f); }); break;
      default: ADD_FAILURE() << "no random values of " << to_string(dtype);
    }
    return out;
  }

 private:
  template <typename T, typename F>
  static void fill(Tensor& out, F&& next) {
    for (T& value : out.mutable_values<T>()) value = static_cast<T>(next());
  }
  std::mt19937 engine_;
};

}  // namespace octet::testing
