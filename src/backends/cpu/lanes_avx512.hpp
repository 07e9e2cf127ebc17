// Vectors of sixteen 32-bit lanes with byte dot products. Included inside a target region only.
#pragma once

#include <immintrin.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace octet::cpu {

struct LanesAvx512 {
  using Int = __m512i;
  using Float = __m512;
  using Dot = __m512i;  // bytes ready for dot()
  static constexpr int kWidth = 16;
  static constexpr int kPanelVectors = 4;  // widest tile, in vectors of output channels
  static constexpr int tile_rows(int vectors) { return vectors == 4 ? 6 : 8; }

  static Int zero() { return _mm512_setzero_si512(); }
  static Int load(const std::int32_t* p) { return _mm512_loadu_si512(p); }
  static void store(std::int32_t* p, Int v) { _mm512_storeu_si512(p, v); }
  static void store(std::int32_t* p, Int v, int count) {
    _mm512_mask_storeu_epi32(p, first_lanes(count), v);
  }
  static Int add(Int a, Int b) { return _mm512_add_epi32(a, b); }

  static Float load(const float* p) { return _mm512_loadu_ps(p); }
  static void store(float* p, Float v) { _mm512_storeu_ps(p, v); }
  static void store(float* p, Float v, int count) {
    _mm512_mask_storeu_ps(p, first_lanes(count), v);
  }
  static Int set(std::int32_t v) { return _mm512_set1_epi32(v); }
  static Float set(float v) { return _mm512_set1_ps(v); }
  static Float to_float(Int v) { return _mm512_cvtepi32_ps(v); }
  static Float repeat_first(Float v) { return _mm512_broadcastss_ps(_mm512_castps512_ps128(v)); }
  static Float add(Float a, Float b) { return _mm512_add_ps(a, b); }
  static Float absolute(Float v) { return _mm512_abs_ps(v); }
  static Float sub(Float a, Float b) { return _mm512_sub_ps(a, b); }
  static Float mul(Float a, Float b) { return _mm512_mul_ps(a, b); }
  static Float div(Float a, Float b) { return _mm512_div_ps(a, b); }
  // Both give `b` where an operand is NaN.
  static Float min(Float a, Float b) { return _mm512_min_ps(a, b); }
  static Float max(Float a, Float b) { return _mm512_max_ps(a, b); }
  static Float round_even(Float v) {
    return _mm512_roundscale_ps(v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  }
  static Float truncate(Float v) {
    return _mm512_roundscale_ps(v, _MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC);
  }
  static Float with_sign_of(Float magnitude, Float sign) {
    return _mm512_or_ps(magnitude, _mm512_and_ps(sign, _mm512_set1_ps(-0.0f)));
  }
  // Half away from zero, exactly.
  static Float round_away(Float v) {
    const Float whole = truncate(v);
    const __mmask16 up = _mm512_cmp_ps_mask(_mm512_abs_ps(_mm512_sub_ps(v, whole)),
                                            _mm512_set1_ps(0.5f), _CMP_GE_OQ);
    return _mm512_mask_add_ps(whole, up, whole, with_sign_of(_mm512_set1_ps(1.0f), v));
  }
  static Float select_negative(Float sign, Float negative, Float other) {
    return _mm512_mask_blend_ps(_mm512_cmp_ps_mask(sign, _mm512_setzero_ps(), _CMP_LT_OQ), other,
                                negative);
  }
  static Int to_int_even(Float v) { return _mm512_cvtps_epi32(v); }
  static Int to_int_truncated(Float v) { return _mm512_cvttps_epi32(v); }

  // Dot products of four unsigned with four signed bytes in every lane, added to `sum`.
  static Dot prepare_weights(const std::int8_t* p) { return _mm512_load_si512(p); }
  static Dot broadcast(const std::uint8_t* p) {
    std::int32_t bytes;
    std::memcpy(&bytes, p, sizeof bytes);
    return _mm512_set1_epi32(bytes);
  }
  static Int dot(Int sum, Dot x, Dot w) { return _mm512_dpbusd_epi32(sum, x, w); }

  // Vectors of bytes; only the first `count` are read or written.
  static constexpr int kBytes = 64;
  static Int load_raw(const std::byte* p, std::int64_t count) {
    return count >= kBytes ? _mm512_loadu_si512(p) : _mm512_maskz_loadu_epi8(first_bytes(count), p);
  }
  static void store_raw(std::byte* p, Int v, std::int64_t count) {
    if (count >= kBytes) _mm512_storeu_si512(p, v);
    else _mm512_mask_storeu_epi8(p, first_bytes(count), v);
  }
  // a0 b0 a1 b1 ... of half a vector each; only `count` of each are read.
  static Int interleave_halves(const std::byte* a, const std::byte* b, std::int64_t count) {
    const Int low = _mm512_cvtepu8_epi16(_mm512_castsi512_si256(load_half(a, count)));
    const Int high = _mm512_cvtepu8_epi16(_mm512_castsi512_si256(load_half(b, count)));
    return _mm512_or_si512(low, _mm512_slli_epi16(high, 8));
  }
  static Int max_bytes(Int a, Int b, bool is_signed) {
    return is_signed ? _mm512_max_epi8(a, b) : _mm512_max_epu8(a, b);
  }

  // Bytes widened to lanes; only the first `count` are read, the others are 0.
  static Int load_bytes(const std::byte* p, bool is_signed, int count = kWidth) {
    const __m128i bytes = count >= kWidth ? _mm_loadu_si128(reinterpret_cast<const __m128i*>(p))
                                          : _mm_maskz_loadu_epi8(first_lanes(count), p);
    return is_signed ? _mm512_cvtepi8_epi32(bytes) : _mm512_cvtepu8_epi32(bytes);
  }
  // Adds `zero_point`, saturates to bytes and stores the first `count` of the lanes of v[0..3].
  static void store_bytes(std::byte* p, const Int* v, int zero_point, bool is_signed, int count) {
    const __m512i zero = _mm512_set1_epi16(static_cast<short>(zero_point));
    const __m512i low = _mm512_adds_epi16(_mm512_packs_epi32(v[0], v[1]), zero);
    const __m512i high = _mm512_adds_epi16(_mm512_packs_epi32(v[2], v[3]), zero);
    const __m512i bytes =
        is_signed ? _mm512_packs_epi16(low, high) : _mm512_packus_epi16(low, high);
    // Packing works within 128-bit lanes; this brings the groups of four bytes back into order.
    const __m512i order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
    const __m512i ordered = _mm512_permutexvar_epi32(order, bytes);
    if (count >= 4 * kWidth) _mm512_storeu_si512(p, ordered);
    else _mm512_mask_storeu_epi8(p, first_bytes(count), ordered);
  }

  // Four vectors of bytes a, b, c, d become four of lanes (a,b,c,d), in the order of block_lane().
  static void interleave(const std::uint8_t* const* p, Dot* v) {
    const __m512i a = _mm512_loadu_si512(p[0]), b = _mm512_loadu_si512(p[1]);
    const __m512i c = _mm512_loadu_si512(p[2]), d = _mm512_loadu_si512(p[3]);
    const __m512i ab0 = _mm512_unpacklo_epi8(a, b), ab1 = _mm512_unpackhi_epi8(a, b);
    const __m512i cd0 = _mm512_unpacklo_epi8(c, d), cd1 = _mm512_unpackhi_epi8(c, d);
    v[0] = _mm512_unpacklo_epi16(ab0, cd0);
    v[1] = _mm512_unpackhi_epi16(ab0, cd0);
    v[2] = _mm512_unpacklo_epi16(ab1, cd1);
    v[3] = _mm512_unpackhi_epi16(ab1, cd1);
  }
  // Brings four vectors from the order of block_lane() into the order of channels.
  static void order_block(Int* v) {
    const __m512i a = _mm512_shuffle_i32x4(v[0], v[1], 0x44);  // 0.0 0.1 1.0 1.1
    const __m512i b = _mm512_shuffle_i32x4(v[2], v[3], 0x44);
    const __m512i c = _mm512_shuffle_i32x4(v[0], v[1], 0xee);  // 0.2 0.3 1.2 1.3
    const __m512i d = _mm512_shuffle_i32x4(v[2], v[3], 0xee);
    v[0] = _mm512_shuffle_i32x4(a, b, 0x88);
    v[1] = _mm512_shuffle_i32x4(a, b, 0xdd);
    v[2] = _mm512_shuffle_i32x4(c, d, 0x88);
    v[3] = _mm512_shuffle_i32x4(c, d, 0xdd);
  }

 private:
  static Int load_half(const std::byte* p, std::int64_t count) {
    return load_raw(p, count < kBytes / 2 ? count : kBytes / 2);
  }
  static __mmask16 first_lanes(int count) {
    if (count >= kWidth) return 0xffff;
    return count <= 0 ? __mmask16{0} : static_cast<__mmask16>((1u << count) - 1);
  }
  static __mmask64 first_bytes(std::int64_t count) {
    return count <= 0 ? 0 : (__mmask64{1} << count) - 1;  // count < kBytes
  }
};

}  // namespace octet::cpu
