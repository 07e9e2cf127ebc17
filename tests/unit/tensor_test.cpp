#include <gtest/gtest.h>
#include <octet/status.hpp>
#include <octet/tensor.hpp>

namespace octet {
namespace {

TEST(Shape, CountsElementsAndRefusesNegativeExtents) {
  EXPECT_EQ((Shape{2, 3, 4}).elements(), 24);
  EXPECT_EQ(Shape{}.elements(), 1);
  EXPECT_EQ((Shape{2, 0}).elements(), 0);
  EXPECT_THROW((Shape{-1}), Error);
  EXPECT_THROW((Shape{1ll << 30, 1ll << 30}).elements(), Error);
}

TEST(Layout, OffsetsFollowTheOrderAndTheVector) {
  TensorType type{DType::s8, Shape{2, 6, 3, 5}, kNCHW4, std::nullopt};
  EXPECT_EQ(type.physical_elements(), 2 * 8 * 3 * 5);
  EXPECT_EQ(offset_of(type, 1, 5, 2, 4), (((1 * 2 + 1) * 3 + 2) * 5 + 4) * 4 + 1);
  type.layout = kCHWN4;
  EXPECT_EQ(offset_of(type, 1, 5, 2, 4), (((1 * 3 + 2) * 5 + 4) * 2 + 1) * 4 + 1);
  type.layout = kNHWC;
  EXPECT_EQ(offset_of(type, 1, 5, 2, 4), ((1 * 3 + 2) * 5 + 4) * 6 + 5);
  EXPECT_EQ(parse_layout("CHWN4"), kCHWN4);
}

TEST(Quant, EqualityIgnoresHowZeroPointsAreWritten) {
  Quant a = Quant::per_tensor(0.5f), b = Quant::per_tensor(0.5f);
  b.zero_points = {0};
  EXPECT_EQ(a, b);
  b.zero_points = {1};
  EXPECT_FALSE(a == b);
}

}  // namespace
}  // namespace octet
