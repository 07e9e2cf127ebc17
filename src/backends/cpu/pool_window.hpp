// Pooling windows over neighbouring channels. Included inside a target region only.
#pragma once

#include "backends/cpu/epilogue_rows.hpp"
#include "backends/cpu/vector_kernels.hpp"

namespace octet::cpu {

template <class L>
void max_pool(const PoolWindow& window, bool is_signed, std::byte* y) {
  for (std::int64_t c = 0; c < window.channels; c += L::kBytes) {
    const std::int64_t count = window.channels - c;
    const std::byte* row = window.first + c;
    auto most = L::load_raw(row, count);
    for (std::int64_t r = 0; r < window.rows; ++r, row += window.row_stride) {
      const std::byte* pixel = row;
      for (std::int64_t s = 0; s < window.columns; ++s, pixel += window.column_stride)
        most = L::max_bytes(most, L::load_raw(pixel, count), is_signed);
    }
    L::store_raw(y + c, most, count);
  }
}

template <class L>
struct Average {
  using Int = typename L::Int;
  using Float = typename L::Float;

  // Calls add(tap, j) for vector j of every tap, in row order.
  template <typename Add>
  static void for_each_tap(const PoolWindow& window, std::int64_t c, Add&& add) {
    const std::byte* row = window.first + c;
    for (std::int64_t r = 0; r < window.rows; ++r, row += window.row_stride) {
      const std::byte* pixel = row;
      for (std::int64_t s = 0; s < window.columns; ++s, pixel += window.column_stride) add(pixel);
    }
  }

  static void real(const PoolWindow& window, const PoolAverage& average, std::int64_t c, int count,
                   std::byte* y) {
    const Float zero = L::set(average.x.zero), scale = L::set(average.x.scale);
    Float sum[4];
    OCTET_UNROLL for (int j = 0; j < 4; ++j) sum[j] = L::set(0.0f);
    for_each_tap(window, c, [&](const std::byte* tap) {
      OCTET_UNROLL for (int j = 0; j < 4; ++j) {
        const Int q =
            L::load_bytes(tap + j * L::kWidth, average.x.is_signed, count - j * L::kWidth);
        sum[j] = L::add(sum[j], L::mul(L::sub(L::to_float(q), zero), scale));
      }
    });
    const Float divisor = L::set(average.divisor);
    OCTET_UNROLL for (int j = 0; j < 4; ++j) sum[j] = L::div(sum[j], divisor);
    EpilogueVectors<L, 4>::to_bytes(average.quantiser, average.x.is_signed, sum, y, count);
  }

  // floor((2 * |sum| + divisor) / (2 * divisor)) with the sum's sign. Numerator and denominator are
  // exact in binary32, and the quotient is too far from the next integer to be rounded up to it.
  static void stored(const PoolWindow& window, const PoolAverage& average, std::int64_t c,
                     int count, std::byte* y) {
    Int sum[4];
    OCTET_UNROLL for (int j = 0; j < 4; ++j) sum[j] = L::set(average.offset);
    for_each_tap(window, c, [&](const std::byte* tap) {
      OCTET_UNROLL for (int j = 0; j < 4; ++j) sum[j] = L::add(
          sum[j], L::load_bytes(tap + j * L::kWidth, average.x.is_signed, count - j * L::kWidth));
    });
    const Float divisor = L::set(average.divisor), twice = L::set(2.0f * average.divisor);
    OCTET_UNROLL for (int j = 0; j < 4; ++j) {
      const Float s = L::to_float(sum[j]), magnitude = L::absolute(s);
      const Float numerator = L::add(L::add(magnitude, magnitude), divisor);
      sum[j] = L::to_int_truncated(L::with_sign_of(L::truncate(L::div(numerator, twice)), s));
    }
    L::store_bytes(y, sum, 0, average.x.is_signed, count);
  }
};

template <class L>
void average_pool(const PoolWindow& window, const PoolAverage& average, std::byte* y) {
  for (std::int64_t c = 0; c < window.channels; c += 4 * L::kWidth) {
    const auto count = static_cast<int>(std::min<std::int64_t>(window.channels - c, 4 * L::kWidth));
    if (average.real) Average<L>::real(window, average, c, count, y + c);
    else Average<L>::stored(window, average, c, count, y + c);
  }
}

}  // namespace octet::cpu
