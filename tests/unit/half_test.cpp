#include "base/half.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace octet {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

TEST(Half, KnownValues) {
  EXPECT_EQ(half_to_float(0x3c00), 1.0f);
  EXPECT_EQ(half_to_float(0xc000), -2.0f);
  EXPECT_EQ(half_to_float(0x7bff), 65504.0f);
  EXPECT_EQ(half_to_float(0x0001), 0x1p-24f);
  EXPECT_EQ(half_to_float(0x7c00), kInfinity);
  EXPECT_TRUE(std::isnan(half_to_float(0x7e00)));
}

TEST(Half, EveryValueSurvivesTheRoundTrip) {
  for (std::uint32_t bits = 0; bits < 0x10000u; ++bits) {
    const auto half = static_cast<std::uint16_t>(bits);
    if (std::isnan(half_to_float(half)))
      EXPECT_TRUE(std::isnan(half_to_float(float_to_half(half_to_float(half))))) << bits;
    else EXPECT_EQ(float_to_half(half_to_float(half)), half);
  }
}

// Between two neighbouring halves the middle goes to the even one, everything else to the nearer.
TEST(Half, RoundsHalfToEven) {
  for (std::uint32_t bits = 0; bits < 0x7bffu; ++bits) {
    const auto low = static_cast<std::uint16_t>(bits), high = static_cast<std::uint16_t>(bits + 1);
    const float middle = (half_to_float(low) + half_to_float(high)) / 2;
    EXPECT_EQ(float_to_half(middle), bits % 2 == 0 ? low : high) << bits;
    EXPECT_EQ(float_to_half(std::nextafter(middle, 0.0f)), low) << bits;
    EXPECT_EQ(float_to_half(std::nextafter(middle, kInfinity)), high) << bits;
  }
}

TEST(Half, LargeValuesBecomeInfinity) {
  EXPECT_EQ(float_to_half(65519.996f), 0x7bff);
  EXPECT_EQ(float_to_half(65520.0f), 0x7c00);
  EXPECT_EQ(float_to_half(-1e30f), 0xfc00);
  EXPECT_EQ(float_to_half(-kInfinity), 0xfc00);
}

TEST(BFloat16, RoundsHalfToEvenAndKeepsNan) {
  EXPECT_EQ(bf16_to_float(0x3f80), 1.0f);
  EXPECT_EQ(float_to_bf16(1.0f + 0x1p-8f), 0x3f80);
  EXPECT_EQ(float_to_bf16(1.0f + 3 * 0x1p-8f), 0x3f82);
  EXPECT_EQ(float_to_bf16(std::numeric_limits<float>::max()), 0x7f80);
  EXPECT_TRUE(std::isnan(bf16_to_float(float_to_bf16(std::nanf("")))));
}

}  // namespace
}  // namespace octet
