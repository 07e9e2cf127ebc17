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

constexpr LineKind kKinds[] = {LineKind::from_lowest, LineKind::from_zero};

// Every sum from the lowest step to the highest, and some beyond.
void expect_every_sum(const Epilogue& e, const Lines& lines, std::size_t channel, double slope) {
  const int reach = static_cast<int>(300.0 / slope) + 3000;
  for (int acc = -reach; acc <= reach; ++acc)
    ASSERT_EQ(lines.lowest + lines.step(lines.channels[channel], acc),
              static_cast<int>(apply(e, acc, channel, 0)))
        << "channel " << channel << ", sum " << acc;
}

TEST(CudaLine, EqualsTheCanonicalOperationsWhereItIsProved) {
  int proved = 0;
  for (const double slope : {0.05321, 0.00713, 0.00371})
    for (const ActivationKind activation : {ActivationKind::none, ActivationKind::relu})
      for (const QuantRule rule : {QuantRule::mge, QuantRule::onnx})
        for (const LineKind kind : kKinds) {
          const Epilogue e = epilogue_of(slope, 4, activation, rule);
          const auto lines = prove_lines(e, kind);
          if (!lines) continue;
          ++proved;
          for (std::size_t channel = 0; channel < 4; ++channel)
            expect_every_sum(e, *lines, channel, slope);
        }
  EXPECT_GE(proved, 20);
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
  for (const LineKind kind : kKinds) {
    const auto lines = prove_lines(e, kind);
    ASSERT_TRUE(lines);
    for (std::size_t channel = 0; channel < 4; ++channel)
      expect_every_sum(alone, *lines, channel, 0.00512);
  }
}

// Steps of both signs with many sums in each: b, near 0, and most steps are finer from zero.
TEST(CudaLine, MoreChannelsHaveOneFromZero) {
  int from_lowest = 0, from_zero = 0;
  for (int i = 0; i < 20; ++i) {
    const Epilogue e =
        epilogue_of(0.00131 + 0.0000171 * i, 16, ActivationKind::none, QuantRule::mge);
    from_lowest += prove_lines(e, LineKind::from_lowest) ? 1 : 0;
    from_zero += prove_lines(e, LineKind::from_zero) ? 1 : 0;
  }
  EXPECT_GT(from_zero, from_lowest);
}

TEST(CudaLine, CountsFromTheZeroPoint) {
  Epilogue e = epilogue_of(0.00612, 4, ActivationKind::none, QuantRule::onnx);
  e.quantiser = Quantiser::make(DType::u8, 1.0f, 121, QuantRule::onnx);
  const auto lines = prove_lines(e, LineKind::from_zero);
  ASSERT_TRUE(lines);
  EXPECT_EQ(lines->zero, 121);
  for (std::size_t channel = 0; channel < 4; ++channel)
    expect_every_sum(e, *lines, channel, 0.00612);
}

// Steps of both signs and many sums in each: some sum is on the wrong side of every line.
TEST(CudaLine, MayBeRightButForOneSum) {
  int mended = 0;
  for (const double slope : {0.00197, 0.00145, 0.00251}) {
    const Epilogue e = epilogue_of(slope, 16, ActivationKind::none, QuantRule::mge);
    const auto lines = prove_lines(e, LineKind::from_lowest, true);
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
  ASSERT_TRUE(prove_lines(e, LineKind::from_lowest));
  e.has_z = true;  // added before the only rounding
  EXPECT_FALSE(prove_lines(e, LineKind::from_lowest));
  e.has_z = false;
  e.activation.kind = ActivationKind::h_swish;
  EXPECT_FALSE(prove_lines(e, LineKind::from_lowest));
}

// Half away from zero moves ties of both signs apart, which no line does.
TEST(CudaLine, RefusesSlopesWhereEveryStepBeginsAtATie) {
  Epilogue e = epilogue_of(0.0625, 1, ActivationKind::none, QuantRule::mge);
  e.quantiser = Quantiser::make(DType::s8, 1.0f, 0, QuantRule::mge);
  e.m = {0.0625f};
  e.fbias = {0.0f};
  EXPECT_FALSE(prove_lines(e, LineKind::from_lowest));
}

}  // namespace
}  // namespace octet::cuda
