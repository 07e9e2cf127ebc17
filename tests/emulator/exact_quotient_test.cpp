// The division of exact_divide.hpp against the processor's.
#include "backends/cuda/common/exact_divide.cuh"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

namespace octet::cuda {
namespace {

// What the quotient is clamped to does not matter, only that it is beyond the bound.
void expect_quotient(float x, float scale, float reciprocal) {
  const float exact = x / scale, got = exact_quotient(x, scale, reciprocal);
  if (std::abs(exact) < kMostQuotient) {
    ASSERT_EQ(std::rint(got), std::rint(exact)) << x << " / " << scale;
    if (std::abs(exact) > 0x1p-20f) {
      ASSERT_EQ(got, exact) << x << " / " << scale;
    }
  } else {
    ASSERT_GE(std::abs(got), kMostQuotient * 0.999f) << x << " / " << scale;
    ASSERT_EQ(std::signbit(got), std::signbit(exact));
  }
}

TEST(ExactQuotient, IsTheDivision) {
  std::mt19937 random(1);
  std::uniform_real_distribution<float> mantissa(1.0f, 2.0f), quotient(-1100.0f, 1100.0f);
  std::uniform_int_distribution<int> exponent(-79, 78);
  for (int s = 0; s < 400; ++s) {
    const float scale = std::ldexp(mantissa(random), s < 200 ? exponent(random) : -6);
    const float reciprocal = exact_reciprocal(scale, -128.0f, 255.0f);
    ASSERT_NE(reciprocal, 0.0f);
    // Where rounding to an integer decides, and its neighbours.
    for (int half = -600; half <= 600; ++half) {
      float x = static_cast<float>(half) * 0.5f * scale;
      for (int i = 0; i < 3; ++i) x = std::nextafter(x, -INFINITY);
      for (int i = 0; i < 7; ++i, x = std::nextafter(x, INFINITY))
        expect_quotient(x, scale, reciprocal);
    }
    for (int i = 0; i < 2000; ++i) expect_quotient(quotient(random) * scale, scale, reciprocal);
    for (const float x : {0.0f, -0.0f, INFINITY, -INFINITY, 3.4e38f, -3.4e38f, 1e-40f, -1e-45f})
      expect_quotient(x, scale, reciprocal);
    EXPECT_LT(exact_quotient(std::nanf(""), scale, reciprocal), -1000.0f);
  }
}

TEST(ExactQuotient, IsLeftToTheDivisionWhereItIsNotProved) {
  EXPECT_EQ(exact_reciprocal(1e-38f, -128.0f, 127.0f), 0.0f);
  EXPECT_EQ(exact_reciprocal(1e38f, -128.0f, 127.0f), 0.0f);
  EXPECT_EQ(exact_reciprocal(0.1f, -2147483648.0f, 2147483648.0f), 0.0f);
  EXPECT_EQ(exact_quotient(1.0f, 3.0f, 0.0f), 1.0f / 3.0f);
}

}  // namespace
}  // namespace octet::cuda
