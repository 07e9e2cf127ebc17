// Vectors of eight 32-bit lanes. Included inside a target region only.
#pragma once

#include <immintrin.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace octet::cpu {

struct LanesAvx2 {
  using Int = __m256i;
  using Float = __m256;
  // vpmaddubsw would saturate, so the bytes are split into 16-bit numbers whose products are exact:
  // bytes 0 and 2 of each lane in `even`, 1 and 3 in `odd`.
  struct Dot {
    __m256i even, odd;
  };
  static constexpr int kWidth = 8;
  static constexpr int kPanelVectors = 2;
  static constexpr int tile_rows(int vectors) { return vectors == 2 ? 3 : 4; }

  static Int zero() { return _mm256_setzero_si256(); }
  static Int load(const std::int32_t* p) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
  }
  static void store(std::int32_t* p, Int v) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), v);
  }
  static void store(std::int32_t* p, Int v, int count) {
    if (count >= kWidth) return store(p, v);
    alignas(32) std::int32_t lanes[kWidth];
    store(lanes, v);
    if (count > 0) std::memcpy(p, lanes, static_cast<std::size_t>(count) * sizeof(std::int32_t));
  }
  static Int add(Int a, Int b) { return _mm256_add_epi32(a, b); }

  static Float load(const float* p) { return _mm256_loadu_ps(p); }
  static void store(float* p, Float v) { _mm256_storeu_ps(p, v); }
  static void store(float* p, Float v, int count) {
    if (count >= kWidth) return store(p, v);
    alignas(32) float lanes[kWidth];
    store(lanes, v);
    if (count > 0) std::memcpy(p, lanes, static_cast<std::size_t>(count) * sizeof(float));
  }
  static Int set(std::int32_t v) { return _mm256_set1_epi32(v); }
  static Float set(float v) { return _mm256_set1_ps(v); }
  static Float to_float(Int v) { return _mm256_cvtepi32_ps(v); }
  static Float repeat_first(Float v) { return _mm256_broadcastss_ps(_mm256_castps256_ps128(v)); }
  static Float add(Float a, Float b) { return _mm256_add_ps(a, b); }
  static Float absolute(Float v) { return _mm256_andnot_ps(_mm256_set1_ps(-0.0f), v); }
  static Float sub(Float a, Float b) { return _mm256_sub_ps(a, b); }
  static Float mul(Float a, Float b) { return _mm256_mul_ps(a, b); }
  static Float div(Float a, Float b) { return _mm256_div_ps(a, b); }
  // Both give `b` where an operand is NaN.
  static Float min(Float a, Float b) { return _mm256_min_ps(a, b); }
  static Float max(Float a, Float b) { return _mm256_max_ps(a, b); }
  static Float round_even(Float v) {
    return _mm256_round_ps(v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  }
  static Float truncate(Float v) {
    return _mm256_round_ps(v, _MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC);
  }
  static Float with_sign_of(Float magnitude, Float sign) {
    return _mm256_or_ps(magnitude, _mm256_and_ps(sign, _mm256_set1_ps(-0.0f)));
  }
  // Half away from zero, exactly.
  static Float round_away(Float v) {
    const Float whole = truncate(v);
    const Float rest = _mm256_andnot_ps(_mm256_set1_ps(-0.0f), _mm256_sub_ps(v, whole));
    const Float up = _mm256_cmp_ps(rest, _mm256_set1_ps(0.5f), _CMP_GE_OQ);
    return _mm256_add_ps(whole, _mm256_and_ps(up, with_sign_of(_mm256_set1_ps(1.0f), v)));
  }
  static Float select_negative(Float sign, Float negative, Float other) {
    return _mm256_blendv_ps(other, negative, _mm256_cmp_ps(sign, _mm256_setzero_ps(), _CMP_LT_OQ));
  }
  static Int to_int_even(Float v) { return _mm256_cvtps_epi32(v); }
  static Int to_int_truncated(Float v) { return _mm256_cvttps_epi32(v); }

  // Dot products of four unsigned with four signed bytes in every lane, added to `sum`.
  static Dot prepare_weights(const std::int8_t* p) {
    const __m256i bytes = _mm256_load_si256(reinterpret_cast<const __m256i*>(p));
    return {_mm256_srai_epi16(_mm256_slli_epi16(bytes, 8), 8), _mm256_srai_epi16(bytes, 8)};
  }
  static Dot split_unsigned(Int bytes) {
    return {_mm256_and_si256(bytes, _mm256_set1_epi16(0xff)), _mm256_srli_epi16(bytes, 8)};
  }
  static Dot broadcast(const std::uint8_t* p) {
    std::int32_t bytes;
    std::memcpy(&bytes, p, sizeof bytes);
    return split_unsigned(_mm256_set1_epi32(bytes));
  }
  static Int dot(Int sum, Dot x, Dot w) {
    const Int even = _mm256_madd_epi16(x.even, w.even), odd = _mm256_madd_epi16(x.odd, w.odd);
    return _mm256_add_epi32(sum, _mm256_add_epi32(even, odd));
  }

  // Vectors of bytes; only the first `count` are read or written.
  static constexpr int kBytes = 32;
  static Int load_raw(const std::byte* p, std::int64_t count) {
    if (count >= kBytes) return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
    alignas(32) std::byte buffer[kBytes] = {};
    if (count > 0) std::memcpy(buffer, p, static_cast<std::size_t>(count));
    return _mm256_load_si256(reinterpret_cast<const __m256i*>(buffer));
  }
  static void store_raw(std::byte* p, Int v, std::int64_t count) {
    if (count >= kBytes) return _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), v);
    alignas(32) std::byte buffer[kBytes];
    _mm256_store_si256(reinterpret_cast<__m256i*>(buffer), v);
    if (count > 0) std::memcpy(p, buffer, static_cast<std::size_t>(count));
  }
  // a0 b0 a1 b1 ... of half a vector each; only `count` of each are read.
  static Int interleave_halves(const std::byte* a, const std::byte* b, std::int64_t count) {
    const __m128i low = load_half(a, count), high = load_half(b, count);
    return _mm256_set_m128i(_mm_unpackhi_epi8(low, high), _mm_unpacklo_epi8(low, high));
  }
  static Int max_bytes(Int a, Int b, bool is_signed) {
    return is_signed ? _mm256_max_epi8(a, b) : _mm256_max_epu8(a, b);
  }

  // Bytes widened to lanes; only the first `count` are read, the others are 0.
  static Int load_bytes(const std::byte* p, bool is_signed, int count = kWidth) {
    std::int64_t raw = 0;
    if (count >= kWidth) std::memcpy(&raw, p, sizeof raw);
    else if (count > 0) std::memcpy(&raw, p, static_cast<std::size_t>(count));
    const __m128i bytes = _mm_cvtsi64_si128(raw);
    return is_signed ? _mm256_cvtepi8_epi32(bytes) : _mm256_cvtepu8_epi32(bytes);
  }
  // Adds `zero_point`, saturates to bytes and stores the first `count` of the lanes of v[0..3].
  static void store_bytes(std::byte* p, const Int* v, int zero_point, bool is_signed, int count) {
    const __m256i zero = _mm256_set1_epi16(static_cast<short>(zero_point));
    const __m256i low = _mm256_adds_epi16(_mm256_packs_epi32(v[0], v[1]), zero);
    const __m256i high = _mm256_adds_epi16(_mm256_packs_epi32(v[2], v[3]), zero);
    const __m256i bytes =
        is_signed ? _mm256_packs_epi16(low, high) : _mm256_packus_epi16(low, high);
    // Packing works within 128-bit lanes; this brings the groups of four bytes back into order.
    const __m256i ordered =
        _mm256_permutevar8x32_epi32(bytes, _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
    store_raw(p, ordered, count);
  }

  // Four vectors of bytes a, b, c, d become four of lanes (a,b,c,d), in the order of block_lane().
  static void interleave(const std::uint8_t* const* p, Dot* v) {
    const __m256i a = load_raw(p[0]), b = load_raw(p[1]), c = load_raw(p[2]), d = load_raw(p[3]);
    const __m256i ab0 = _mm256_unpacklo_epi8(a, b), ab1 = _mm256_unpackhi_epi8(a, b);
    const __m256i cd0 = _mm256_unpacklo_epi8(c, d), cd1 = _mm256_unpackhi_epi8(c, d);
    v[0] = split_unsigned(_mm256_unpacklo_epi16(ab0, cd0));
    v[1] = split_unsigned(_mm256_unpackhi_epi16(ab0, cd0));
    v[2] = split_unsigned(_mm256_unpacklo_epi16(ab1, cd1));
    v[3] = split_unsigned(_mm256_unpackhi_epi16(ab1, cd1));
  }
  // Brings four vectors from the order of block_lane() into the order of channels.
  static void order_block(Int* v) {
    const __m256i a = v[0], b = v[1], c = v[2], d = v[3];
    v[0] = _mm256_permute2x128_si256(a, b, 0x20);
    v[1] = _mm256_permute2x128_si256(c, d, 0x20);
    v[2] = _mm256_permute2x128_si256(a, b, 0x31);
    v[3] = _mm256_permute2x128_si256(c, d, 0x31);
  }

 private:
  static __m128i load_half(const std::byte* p, std::int64_t count) {
    if (count >= kBytes / 2) return _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    return _mm256_castsi256_si128(load_raw(p, count));
  }
  static __m256i load_raw(const std::uint8_t* p) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
  }
};

}  // namespace octet::cpu
