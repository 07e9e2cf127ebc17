// The shortest way from sums to bytes against the canonical operations.
#include "backends/cuda/conv/wgmma/bit_line.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <random>

namespace octet::cuda {
namespace {

constexpr std::size_t kChannels = 4;

// A ReLU behind a float bias, or an integer one, as MegEngine has them.
Epilogue epilogue_of(double slope, bool integer_bias) {
  std::mt19937 random(5);
  std::uniform_int_distribution<int> bias(-9000, 9000);
  Epilogue e;
  e.quantiser = Quantiser::make(DType::s8, 0.0371f, 0, QuantRule::mge);
  e.activation.kind = ActivationKind::relu;
  e.m.assign(kChannels, static_cast<float>(slope) * 0.0371f);
  e.has_fbias = !integer_bias;
  for (std::size_t i = 0; i < kChannels; ++i) {
    const int b = bias(random);
    e.ibias.push_back(integer_bias ? b : 0);
    e.fbias.push_back(integer_bias ? 0.0f : static_cast<float>(b) * e.m[i]);
  }
  return e;
}

void expect_every_sum(const Epilogue& e, const ChannelBits& bits, std::size_t channel,
                      double slope) {
  const int reach = static_cast<int>(300.0 / slope) + 10000;
  for (int acc = -reach; acc <= reach; ++acc)
    ASSERT_EQ(bit_step(bits, acc), static_cast<int>(apply(e, acc, channel, 0)))
        << "channel " << channel << ", sum " << acc;
}

TEST(CudaBitLine, EqualsTheCanonicalOperations) {
  for (const double slope : {0.9127, 0.05321, 0.00713, 0.00371, 0.00123})
    for (const bool integer_bias : {false, true}) {
      const Epilogue e = epilogue_of(slope, integer_bias);
      const auto proved = prove_bits(e);
      ASSERT_TRUE(proved) << slope;
      for (std::size_t channel = 0; channel < kChannels; ++channel)
        expect_every_sum(e, (*proved)[channel], channel, slope);
    }
}

TEST(CudaBitLine, IsTheDevicesOperationOnSubnormals) {
  const Epilogue e = epilogue_of(0.00713, false);
  const auto proved = prove_bits(e);
  ASSERT_TRUE(proved);
  const ChannelBits& bits = proved->front();
  for (int acc = -bits.add; acc < 40000; acc += 7) {
    const float s =
        std::fma(std::bit_cast<float>(acc + bits.add), bits.a, least_subnormals(bits.b));
    const int parts = std::bit_cast<std::int32_t>(std::max(s, 0.0f));
    EXPECT_EQ(bit_step(bits, acc), std::min(parts, 32767) >> 8);
  }
}

TEST(CudaBitLine, RefusesBytesThatDoNotBeginAtZero) {
  Epilogue e = epilogue_of(0.05, false);
  e.activation.kind = ActivationKind::none;
  EXPECT_FALSE(prove_bits(e));
  e = epilogue_of(0.05, false);
  e.quantiser = Quantiser::make(DType::s8, 0.0371f, 3, QuantRule::mge);
  EXPECT_FALSE(prove_bits(e));
}

TEST(CudaBitLine, RefusesSlopesThatLeaveNoRoom) {
  EXPECT_FALSE(prove_bits(epilogue_of(9.0, false)));
  EXPECT_FALSE(prove_bits(epilogue_of(1e-6, false)));
}

}  // namespace
}  // namespace octet::cuda
