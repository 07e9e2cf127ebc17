// What kernels make of lines, operation by operation, against the canonical ones.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>

#include "backends/cuda/conv/wgmma/plan.hpp"

namespace octet::cuda {
namespace {

constexpr float kSlope = 0.00197f, kMidScale = 0.0371f;

Epilogue epilogue_of(ActivationKind activation) {
  Epilogue e;
  e.quantiser = Quantiser::make(DType::s8, kMidScale, 0, QuantRule::mge);
  e.activation.kind = activation;
  e.m = {kSlope * kMidScale, kSlope * kMidScale};
  e.ibias = {0, 0};
  e.fbias = {0.731f, -0.217f};
  e.has_fbias = true;
  return e;
}

Epilogue with_z(ActivationKind activation, ActivationKind before) {
  Epilogue e = epilogue_of(activation);
  e.has_z = true;
  e.z_rounding = ZRounding::twice;
  e.mid = e.quantiser;
  e.mid_scale = kMidScale;
  e.mid_activation.kind = before;
  e.z_scale = 0.0437f;
  e.quantiser = Quantiser::make(DType::s8, 0.0523f, 0, QuantRule::mge);
  return e;
}

struct Found {
  LineEnd end;
  ChannelConstants constants;

  explicit Found(const Epilogue& e) {
    WgmmaConvParams params{};
    constants = channel_constants(e, WgmmaRule::scaled_bias, params);
    end = params.lines;
  }
  float line(std::size_t channel, int acc) const {
    return std::fma(static_cast<float>(acc), constants.m[channel],
                    std::bit_cast<float>(constants.bias[channel]));
  }
  // finish4_from_zero() with z, whose bytes are subnormal.
  int sum_with(std::size_t channel, int acc, int z) const {
    const float counted = line(channel, acc) + end.rounding;
    const float mid = std::clamp(std::fma(counted, end.unit, end.start), 0.0f, 1.0f);
    const float u = std::ldexp(static_cast<float>(z + 128), -133);
    const float t = std::fma(u, end.residual.b, end.residual.c);
    const float s = std::clamp(std::fma(mid, end.residual.a, t), 0.0f, 1.0f);
    const auto bits =
        std::bit_cast<std::int32_t>(std::fma(s, end.residual.span, end.residual.base));
    return static_cast<std::int8_t>(bits);
  }
};

// Without z an s8 result saturates.
TEST(CudaLineEnd, SaturatesWithoutZ) {
  for (const ActivationKind activation : {ActivationKind::none, ActivationKind::relu}) {
    const Epilogue e = epilogue_of(activation);
    const Found found(e);
    ASSERT_EQ(found.end.use, LineUse::from_zero);
    const int lowest = activation == ActivationKind::relu ? 0 : -128;
    for (int acc = -80000; acc <= 80000; ++acc)
      ASSERT_EQ(std::clamp(static_cast<int>(std::nearbyint(found.line(1, acc))), lowest, 127),
                static_cast<int>(apply(e, acc, 1, 0)))
          << acc;
  }
}

// Without a ReLU behind the addition lines are counted from zero.
TEST(CudaLineEnd, CountsMidForTheAddition) {
  for (const ActivationKind before : {ActivationKind::none, ActivationKind::relu}) {
    const Epilogue e = with_z(ActivationKind::none, before);
    const Found found(e);
    ASSERT_EQ(found.end.use, LineUse::from_zero);
    for (int acc = -80000; acc <= 80000; ++acc)
      for (const int z : {-128, acc & 127, 127})
        ASSERT_EQ(found.sum_with(0, acc, z), static_cast<int>(apply(e, acc, 0, z)))
            << acc << ", z " << z;
  }
}

// Where both kinds are proved, the one with fewer instructions.
TEST(CudaLineEnd, PrefersTheLowestWithZ) {
  Epilogue e = with_z(ActivationKind::relu, ActivationKind::relu);
  EXPECT_EQ(Found(e).end.use, LineUse::from_lowest);
  e.activation.kind = ActivationKind::clip;
  e.activation.alpha = -1.0f;
  e.activation.beta = 2.0f;
  EXPECT_EQ(Found(e).end.use, LineUse::from_zero);
}

// Kernels have no saturation to u8.
TEST(CudaLineEnd, CountsOtherBytesFromTheLowest) {
  Epilogue e = epilogue_of(ActivationKind::none);
  e.quantiser = Quantiser::make(DType::u8, kMidScale, 0, QuantRule::mge);
  EXPECT_EQ(Found(e).end.use, LineUse::from_lowest);
}

}  // namespace
}  // namespace octet::cuda
