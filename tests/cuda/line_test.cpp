// Lines from sums to steps against the canonical operations.
#include "backends/cuda/conv/wgmma/line.hpp"

#include <gtest/gtest.h>

#include <random>

namespace octet::cuda {
namespace {

// One scale for all channels of a convolution, as MegEngine has it, and a bias of their own.
Epilogue epilogue_of(double slope, std::size_t channels, ActivationKind activation,
                     QuantRule rule) {
  std::mt19937 random(5);
  std::uniform_int_distribution<int> bias(-3000, 3000);
  Epilogue e;
  const bool onnx = rule == QuantRule::onnx;
  const float y_scale = onnx ? 1.0f : 0.0371f;
  e.quantiser = Quantiser::make(onnx ? DType::u8 : DType::s8, y_scale, 0, rule);
  e.activation.kind = activation;
  e.m.assign(channels, static_cast<float>(slope) * y_scale);
  e.has_fbias = !onnx;
  for (std::size_t i = 0; i < channels; ++i) {
    e.ibias.push_back(onnx ? bias(random) : 0);
    e.fbias.push_back(onnx ? 0.0f : static_cast<float>(bias(random)) * e.m[i]);
  }
  return e;
}

// Every sum from the lowest step to the highest, and some beyond.
void expect_every_sum(const Epilogue& e, const Lines& lines, std::size_t channel, double slope) {
  const int reach = static_cast<int>(300.0 / slope) + 3000;
  for (int acc = -reach; acc <= reach; ++acc)
    ASSERT_EQ(lines.lowest + line_step(lines.channels[channel], lines.steps, acc),
              static_cast<int>(apply(e, acc, channel, 0)))
        << "channel " << channel << ", sum " << acc;
}

TEST(CudaLine, EqualsTheCanonicalOperationsWhereItIsProved) {
  int proved = 0;
  for (const double slope : {0.05321, 0.00713, 0.00371})
    for (const ActivationKind activation : {ActivationKind::none, ActivationKind::relu})
      for (const QuantRule rule : {QuantRule::mge, QuantRule::onnx}) {
        const Epilogue e = epilogue_of(slope, 4, activation, rule);
        const auto lines = prove_lines(e);
        if (!lines) continue;
        ++proved;
        for (std::size_t channel = 0; channel < 4; ++channel)
          expect_every_sum(e, *lines, channel, slope);
      }
  EXPECT_GE(proved, 10);
}

// With z the line leads to the integer that is added to it.
TEST(CudaLine, LeadsToTheFirstRoundingWhereThereAreTwo) {
  Epilogue e = epilogue_of(0.00512, 4, ActivationKind::none, QuantRule::mge);
  const Epilogue alone = e;
  e.has_z = true;
  e.z_rounding = ZRounding::twice;
  e.mid = e.quantiser;
  e.activation.kind = ActivationKind::relu;
  e.quantiser = Quantiser::make(DType::s8, 0.09f, 0, QuantRule::mge);
  const auto lines = prove_lines(e);
  ASSERT_TRUE(lines);
  for (std::size_t channel = 0; channel < 4; ++channel)
    expect_every_sum(alone, *lines, channel, 0.00512);
}

// Steps of both signs and many sums in each: some sum is on the wrong side of every line.
TEST(CudaLine, MayBeRightButForOneSum) {
  int mended = 0;
  for (const double slope : {0.00197, 0.00145, 0.00251}) {
    const Epilogue e = epilogue_of(slope, 16, ActivationKind::none, QuantRule::mge);
    const auto lines = prove_lines(e, true);
    if (!lines) continue;
    for (std::size_t channel = 0; channel < 16; ++channel) {
      if (lines->channels[channel].more == 0) continue;
      ++mended;
      expect_every_sum(e, *lines, channel, slope);
    }
  }
  EXPECT_GT(mended, 0);
}

TEST(CudaLine, RefusesWhatIsNoStaircaseOfTheSum) {
  Epilogue e = epilogue_of(0.05321, 1, ActivationKind::none, QuantRule::mge);
  ASSERT_TRUE(prove_lines(e));
  e.has_z = true;  // added before the only rounding
  EXPECT_FALSE(prove_lines(e));
  e.has_z = false;
  e.activation.kind = ActivationKind::h_swish;
  EXPECT_FALSE(prove_lines(e));
}

// Half away from zero moves ties of both signs apart, which no line does.
TEST(CudaLine, RefusesSlopesWhereEveryStepBeginsAtATie) {
  Epilogue e = epilogue_of(0.0625, 1, ActivationKind::none, QuantRule::mge);
  e.quantiser = Quantiser::make(DType::s8, 1.0f, 0, QuantRule::mge);
  e.m = {0.0625f};
  e.fbias = {0.0f};
  EXPECT_FALSE(prove_lines(e));
}

}  // namespace
}  // namespace octet::cuda
