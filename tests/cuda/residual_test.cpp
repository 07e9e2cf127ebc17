// The short form of a residual addition against the canonical operations, on every pair of bytes.
#include "backends/cuda/conv/wgmma/residual.hpp"

#include <gtest/gtest.h>

#include <random>

namespace octet::cuda {
namespace {

struct Scales {
  float mid, z, y;
};

// An epilogue whose sums are `mid` itself.
Epilogue epilogue_of(const Scales& scales, ActivationKind activation, QuantRule rule, DType y) {
  Epilogue e;
  e.ibias = {0};
  e.m = {1.0f};
  e.has_z = true;
  e.z_rounding = ZRounding::twice;
  e.mid = Quantiser::make(DType::s8, 1.0f, 0, rule);
  e.mid_scale = scales.mid;
  e.z_scale = scales.z;
  e.quantiser = Quantiser::make(y, scales.y, 0, rule);
  e.activation.kind = activation;
  return e;
}

void expect_every_pair(const Epilogue& e, const ResidualStep& step, const MidCount& count) {
  for (int q = -128; q <= 127; ++q)
    for (int z = -128; z <= 127; ++z)
      ASSERT_EQ(residual_byte(step, count(q), z + 128), static_cast<int>(apply(e, q, 0, z)))
          << "mid " << q << ", z " << z;
}

TEST(CudaResidual, EqualsTheCanonicalOperationsWhereItIsProved) {
  std::mt19937 random(5);
  std::uniform_real_distribution<float> scale(0.01f, 0.1f);
  int proved = 0;
  constexpr int kCases = 24;
  for (int i = 0; i < kCases; ++i) {
    const bool onnx = i % 3 == 2;
    const Epilogue e =
        epilogue_of({scale(random), scale(random), 0.03f + scale(random)},
                    i % 2 == 0 ? ActivationKind::relu : ActivationKind::none,
                    onnx ? QuantRule::onnx : QuantRule::mge, onnx ? DType::u8 : DType::s8);
    const auto step = prove_residual(e, -128, {0});
    if (!step) continue;
    ++proved;
    expect_every_pair(e, *step, {0});
  }
  EXPECT_GE(proved, kCases - 1);
}

TEST(CudaResidual, HoldsWhereEverySecondPairIsATie) {
  int proved = 0;
  for (const float y : {0.05f, 0.1f, 0.025f}) {
    const Epilogue e =
        epilogue_of({0.05f, 0.05f, y}, ActivationKind::relu, QuantRule::mge, DType::s8);
    const auto step = prove_residual(e, -128, {0});
    if (!step) continue;
    ++proved;
    expect_every_pair(e, *step, {0});
  }
  EXPECT_GE(proved, 1);
}

TEST(CudaResidual, CountsAsKernelsDo) {
  const Epilogue e =
      epilogue_of({0.0437f, 0.0523f, 0.0613f}, ActivationKind::relu, QuantRule::mge, DType::s8);
  for (const MidCount& count : {MidCount{-128}, MidCount{-128, 0x1.01011p-8f, 1.0f}}) {
    const auto step = prove_residual(e, -128, count);
    ASSERT_TRUE(step);
    expect_every_pair(e, *step, count);
  }
}

// A clamp before the addition: integers beyond it never come.
TEST(CudaResidual, TakesTheActivationBeforeTheAddition) {
  Epilogue e =
      epilogue_of({0.0437f, 0.0523f, 0.0613f}, ActivationKind::none, QuantRule::mge, DType::s8);
  e.mid_activation.kind = ActivationKind::relu;
  const MidCount count{0, 0x1.02041p-7f, 1.0f};
  const auto step = prove_residual(e, -128, count);
  ASSERT_TRUE(step);
  for (int q = 0; q <= 127; ++q)
    for (int z = -128; z <= 127; ++z)
      ASSERT_EQ(residual_byte(*step, count(q), z + 128), static_cast<int>(apply(e, q, 0, z)));
}

TEST(CudaResidual, RefusesActivationsThatAreNoClamp) {
  const Epilogue e =
      epilogue_of({0.05f, 0.03f, 0.04f}, ActivationKind::h_swish, QuantRule::mge, DType::s8);
  EXPECT_FALSE(prove_residual(e, -128, {0}));
}

}  // namespace
}  // namespace octet::cuda
