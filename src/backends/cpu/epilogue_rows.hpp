// The canonical epilogue on vectors. Included inside a target region only.
//
// Performs the operations of octet::apply in the same order, each rounded by itself.
#pragma once

#include "backends/cpu/packed_epilogue.hpp"

namespace octet::cpu {

template <class L, int kVectors>
struct EpilogueVectors {
  using Int = typename L::Int;
  using Float = typename L::Float;
  static constexpr int kW = L::kWidth;

  static void activate_each(const Activation& activation, Float* v) {
    alignas(64) float lanes[kW];
    for (int j = 0; j < kVectors; ++j) {
      L::store(lanes, v[j]);
      for (float& lane : lanes) lane = activate(activation, lane);
      v[j] = L::load(lanes);
    }
  }

  // As octet::activate(), which min() and max() follow for NaN as well.
  static void apply_activation(const Activation& activation, Float* v) {
    const Float alpha = L::set(activation.alpha), beta = L::set(activation.beta);
    const Float zero = L::set(0.0f), three = L::set(3.0f), six = L::set(6.0f);
    const Float sixth = L::set(1.0f / 6.0f);
    switch (activation.kind) {
      case ActivationKind::none: return;
      case ActivationKind::relu:
        OCTET_UNROLL for (int j = 0; j < kVectors; ++j) v[j] = L::max(v[j], zero);
        return;
      case ActivationKind::clip:
        OCTET_UNROLL for (int j = 0; j < kVectors; ++j) v[j] = L::min(beta, L::max(alpha, v[j]));
        return;
      case ActivationKind::leaky_relu:
        OCTET_UNROLL for (int j = 0; j < kVectors; ++j) v[j] =
            L::select_negative(v[j], L::mul(v[j], alpha), v[j]);
        return;
      case ActivationKind::h_swish:
        OCTET_UNROLL for (int j = 0; j < kVectors; ++j) {
          const Float gate = L::min(six, L::max(zero, L::add(v[j], three)));
          v[j] = L::mul(L::mul(v[j], gate), sixth);
        }
        return;
      default: activate_each(activation, v);
    }
  }

  // In steps of the result, prepared so that truncation or rounding to even completes the rounding.
  static void scale(const Quantiser& q, Float* v) {
    const Float factor = L::set(q.factor);
    if (!q.multiply) {
      OCTET_UNROLL for (int j = 0; j < kVectors; ++j) v[j] = L::div(v[j], factor);
    } else if (q.factor != 1.0f) {
      OCTET_UNROLL for (int j = 0; j < kVectors; ++j) v[j] = L::mul(v[j], factor);
    }
    if (q.rounding == Rounding::away) {
      const Float half = L::set(0.5f);
      OCTET_UNROLL for (int j = 0; j < kVectors; ++j) v[j] =
          L::add(v[j], L::with_sign_of(half, v[j]));
    } else if (q.rounding == Rounding::away_exactly) {
      OCTET_UNROLL for (int j = 0; j < kVectors; ++j) v[j] = L::round_away(v[j]);
    }
  }

  static void to_bytes(const Quantiser& q, bool is_signed, Float* v, std::byte* y, int channels) {
    scale(q, v);
    Int rounded[4];
    // Far above every byte, far below what overflows in the conversion. What overflows downwards,
    // and NaN, converts to the lowest number, which saturates to the lowest byte.
    const Float bound = L::set(1048576.0f);
    const bool even = q.rounding == Rounding::even;
    OCTET_UNROLL for (int j = 0; j < kVectors; ++j) {
      const Float low = L::min(bound, v[j]);
      rounded[j] = even ? L::to_int_even(low) : L::to_int_truncated(low);
    }
    OCTET_UNROLL for (int j = kVectors; j < 4; ++j) rounded[j] = rounded[0];
    L::store_bytes(y, rounded, q.zero_point, is_signed, channels);
  }

  // What stays of the convolution after it was rounded to its own scale.
  static void round_to_mid(const Epilogue& e, Float* v) {
    apply_activation(e.mid_activation, v);
    scale(e.mid, v);
    const auto zero = static_cast<float>(e.mid.zero_point);
    const Float lowest = L::set(e.mid.lowest - zero), highest = L::set(e.mid.highest - zero);
    const Float factor = L::set(e.mid_scale);
    const bool even = e.mid.rounding == Rounding::even;
    OCTET_UNROLL for (int j = 0; j < kVectors; ++j) {
      const Float rounded = even ? L::round_even(v[j]) : L::truncate(v[j]);
      v[j] = L::mul(L::min(L::max(rounded, lowest), highest), factor);
    }
  }

  static void add_z(const PackedEpilogue& packed, const std::byte* z, int channels, Float* v) {
    const Epilogue& e = packed.epilogue;
    if (e.z_rounding == ZRounding::twice) round_to_mid(e, v);
    const Float zero = L::set(static_cast<float>(e.z_zero_point)), factor = L::set(e.z_scale);
    OCTET_UNROLL for (int j = 0; j < kVectors; ++j) {
      const Int stored = L::load_bytes(z + j * kW, packed.z_signed, channels - j * kW);
      v[j] = L::add(v[j], L::mul(L::sub(L::to_float(stored), zero), factor));
    }
  }

  static void run(const PackedEpilogue& packed, const EpilogueRows& t, int first, int channels) {
    const Epilogue& e = packed.epilogue;
    const std::size_t k = t.first_channel + static_cast<std::size_t>(first);
    Int ibias[kVectors];
    Float m[kVectors], fbias[kVectors];
    OCTET_UNROLL for (int j = 0; j < kVectors; ++j) {
      const std::size_t kj = k + static_cast<std::size_t>(j * kW);
      ibias[j] = L::load(&e.ibias[kj]);
      m[j] = L::load(&e.m[kj]);
      fbias[j] = L::load(&e.fbias[kj]);
    }
    const std::int32_t* sums = t.sums + first;
    std::byte* y = t.y + first * (packed.store == Store::s32 || packed.store == Store::f32 ? 4 : 1);
    const std::byte* z = t.z == nullptr ? nullptr : t.z + first;
    for (int row = 0; row < t.rows; ++row) {
      Int sum[kVectors];
      OCTET_UNROLL for (int j = 0; j < kVectors; ++j) sum[j] =
          L::add(L::load(sums + j * kW), ibias[j]);
      if (packed.store == Store::s32) {
        OCTET_UNROLL for (int j = 0; j < kVectors; ++j)
            L::store(reinterpret_cast<std::int32_t*>(y) + j * kW, sum[j], channels - j * kW);
      } else {
        Float v[kVectors];
        OCTET_UNROLL for (int j = 0; j < kVectors; ++j) v[j] = L::mul(L::to_float(sum[j]), m[j]);
        if (e.has_fbias) {
          OCTET_UNROLL for (int j = 0; j < kVectors; ++j) v[j] = L::add(v[j], fbias[j]);
        }
        if (e.has_z) add_z(packed, z, channels, v);
        apply_activation(e.activation, v);
        if (packed.store == Store::f32) {
          OCTET_UNROLL for (int j = 0; j < kVectors; ++j)
              L::store(reinterpret_cast<float*>(y) + j * kW, v[j], channels - j * kW);
        } else {
          to_bytes(e.quantiser, packed.store == Store::s8, v, y, channels);
        }
      }
      sums += t.sums_stride;
      y += t.y_stride;
      if (z != nullptr) z += t.z_stride;
    }
  }
};

template <class L>
void epilogue_rows(const PackedEpilogue& packed, const EpilogueRows& t) {
  constexpr int kWide = 4 * L::kWidth;
  int first = 0;
  for (; t.channels - first > 3 * L::kWidth; first += kWide)
    EpilogueVectors<L, 4>::run(packed, t, first, std::min(t.channels - first, kWide));
  const int rest = t.channels - first;
  if (rest > 2 * L::kWidth) EpilogueVectors<L, 3>::run(packed, t, first, rest);
  else if (rest > L::kWidth) EpilogueVectors<L, 2>::run(packed, t, first, rest);
  else if (rest > 0) EpilogueVectors<L, 1>::run(packed, t, first, rest);
}

}  // namespace octet::cpu
