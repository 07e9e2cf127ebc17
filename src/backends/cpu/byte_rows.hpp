// Bytes to floats and back, and bytes to bytes, in rows. Included inside a target region only.
#pragma once

#include "backends/cpu/epilogue_rows.hpp"
#include "backends/cpu/vector_kernels.hpp"

namespace octet::cpu {

template <class L>
void copy_flipped(std::uint8_t* to, const std::uint8_t* from, std::size_t bytes,
                  std::uint8_t flip) {
  for (std::size_t i = 0; i < bytes; ++i) to[i] = from[i] ^ flip;
}

template <class L>
void copy_rows(const std::byte* from, std::ptrdiff_t from_stride, std::byte* to,
               std::ptrdiff_t to_stride, std::int64_t bytes, std::int64_t rows) {
  for (std::int64_t row = 0; row < rows; ++row, from += from_stride, to += to_stride)
    for (std::int64_t i = 0; i < bytes; i += L::kBytes)
      L::store_raw(to + i, L::load_raw(from + i, bytes - i), bytes - i);
}

template <class L>
void interleave_rows(const std::byte* a, const std::byte* b, std::ptrdiff_t from_stride,
                     std::byte* y, std::ptrdiff_t to_stride, std::int64_t pairs,
                     std::int64_t rows) {
  for (std::int64_t row = 0; row < rows; ++row, a += from_stride, b += from_stride, y += to_stride)
    for (std::int64_t i = 0; i < pairs; i += L::kBytes / 2)
      L::store_raw(y + 2 * i, L::interleave_halves(a + i, b + i, pairs - i), 2 * (pairs - i));
}

// Four vectors of lanes at a time; a step of 0 repeats the first byte.
template <class L>
void load_real(const ByteScale& scale, const std::byte* x, int step, int count,
               typename L::Float* v) {
  const auto zero = L::set(scale.zero), factor = L::set(scale.scale);
  OCTET_UNROLL for (int j = 0; j < 4; ++j) {
    const auto first = step == 0 ? 0 : j * L::kWidth;
    const auto stored = L::load_bytes(x + first, scale.is_signed, step == 0 ? 1 : count - first);
    v[j] = L::mul(L::sub(L::to_float(stored), zero), factor);
    if (step == 0) v[j] = L::repeat_first(v[j]);
  }
}

template <class L>
void quantise_bytes(const Quantiser& q, bool y_signed, const float* x, std::int64_t count,
                    std::byte* y) {
  constexpr int kStep = 4 * L::kWidth;
  std::int64_t i = 0;
  typename L::Float v[4];
  for (; i + kStep <= count; i += kStep) {
    OCTET_UNROLL for (int j = 0; j < 4; ++j) v[j] = L::load(x + i + j * L::kWidth);
    EpilogueVectors<L, 4>::to_bytes(q, y_signed, v, y + i, kStep);
  }
  if (i == count) return;
  alignas(64) float rest[kStep] = {};
  std::memcpy(rest, x + i, static_cast<std::size_t>(count - i) * sizeof(float));
  OCTET_UNROLL for (int j = 0; j < 4; ++j) v[j] = L::load(rest + j * L::kWidth);
  EpilogueVectors<L, 4>::to_bytes(q, y_signed, v, y + i, static_cast<int>(count - i));
}

template <class L>
void dequantise_bytes(const ByteScale& scale, const std::byte* x, std::int64_t count, float* y) {
  for (std::int64_t i = 0; i < count; i += 4 * L::kWidth) {
    const auto step = static_cast<int>(std::min<std::int64_t>(count - i, 4 * L::kWidth));
    typename L::Float v[4];
    load_real<L>(scale, x + i, 1, step, v);
    OCTET_UNROLL for (int j = 0; j < 4; ++j)
        L::store(y + i + j * L::kWidth, v[j], step - j * L::kWidth);
  }
}

template <class L>
void binary_bytes(const ByteBinary& op, const std::byte* a, int a_step, const std::byte* b,
                  int b_step, std::int64_t count, std::byte* y) {
  for (std::int64_t i = 0; i < count; i += 4 * L::kWidth) {
    const auto step = static_cast<int>(std::min<std::int64_t>(count - i, 4 * L::kWidth));
    typename L::Float v[4], w[4];
    load_real<L>(op.a, a + i * a_step, a_step, step, v);
    load_real<L>(op.b, b + i * b_step, b_step, step, w);
    OCTET_UNROLL for (int j = 0; j < 4; ++j) {
      if (op.function == ByteFunction::add) v[j] = L::add(v[j], w[j]);
      else if (op.function == ByteFunction::subtract) v[j] = L::sub(v[j], w[j]);
      else v[j] = L::mul(v[j], w[j]);
    }
    EpilogueVectors<L, 4>::apply_activation(op.activation, v);
    EpilogueVectors<L, 4>::to_bytes(op.quantiser, op.y_signed, v, y + i, step);
  }
}

}  // namespace octet::cpu
