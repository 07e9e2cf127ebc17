// Convolutions whose sums are just those that a line is wrong about (conv/wgmma/line.hpp), on the
// kernels that see to such exceptions.
#include <gtest/gtest.h>

#include "backends/cuda/backend.hpp"
#include "backends/cuda/common/epilogue_upload.hpp"
#include "backends/cuda/conv/wgmma/plan.hpp"
#include "backends/cuda/kernel_lists.hpp"
#include "ops/conv.hpp"
#include "support/random_case.hpp"

namespace octet::testing {
namespace {

constexpr std::int64_t kChannels = 64, kSide = 6;
constexpr std::int8_t kMost = 127;

// 3x3 of stride 1 with a residual, `slope` of its steps a sum, both signs; a filter of zeros.
Case empty_conv(Random& random, float slope) {
  constexpr float kMidScale = 0.0371f;
  Conv2d op;
  op.window = {{1, 1}, {1, 1, 1, 1}, {1, 1}};
  op.rule = EpilogueRule::mge_dense;
  op.activation.kind = ActivationKind::relu;
  op.z_rounding = ZRounding::twice;
  op.mid = {DType::s8, Quant::per_tensor(kMidScale)};
  op.output = {DType::s8, Quant::per_tensor(0.0523f)};
  Case c;
  c.op = make_op<Conv2d>(op);
  c.inputs.emplace_back(
      Tensor({DType::s8, Shape{1, kChannels, kSide, kSide}, kNCHW, Quant::per_tensor(1.0f)}));
  c.inputs.emplace_back(Tensor(
      {DType::s8, Shape{kChannels, kChannels, 3, 3}, kNCHW, Quant::per_tensor(slope * kMidScale)}));
  c.inputs.push_back(random_tensor(random, {DType::s32, Shape{kChannels}, kNCHW, std::nullopt}));
  c.inputs.push_back(random_tensor(
      random, {DType::s8, Shape{1, kChannels, kSide, kSide}, kNCHW, Quant::per_tensor(0.0437f)}));
  c.constant = {false, true, true};
  // All channels of every pixel are 127, but for the last one, which is 1.
  auto x = c.inputs[0]->mutable_values<std::int8_t>();
  std::fill(x.begin(), x.end(), kMost);
  std::fill(x.end() - kSide * kSide, x.end(), std::int8_t{1});
  return c;
}

// Makes the middle tap of an output channel such that its sums are `sum`.
void aim_at(Case& c, std::size_t channel, std::int32_t sum) {
  const auto filter =
      c.inputs[1]->mutable_values<std::int8_t>().subspan(channel * kChannels * 9, kChannels * 9);
  std::int32_t left = sum / kMost;
  filter[(kChannels - 1) * 9 + 4] = static_cast<std::int8_t>(sum % kMost);
  for (std::size_t i = 0; i + 1 < kChannels; ++i) {
    const std::int32_t part = std::clamp<std::int32_t>(left, -kMost, kMost);
    filter[i * 9 + 4] = static_cast<std::int8_t>(part);
    left -= part;
  }
}

TEST(CudaLineExceptions, SumsThatALineIsWrongAbout) {
  const auto backend = make_cuda_backend();
  const Kernel& halo = cuda::conv2d_halo_rows().front();
  int met = 0;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    Random random(seed);
    Case c = empty_conv(random, random.number(0.0013f, 0.0026f));
    const LaidOutCase laid_out = lay_out(c, kNHWC, kNHWC);
    const Epilogue epilogue = cuda::conv_epilogue(
        laid_out.problem, std::vector<std::int32_t>(static_cast<std::size_t>(kChannels), 0));
    cuda::WgmmaConvParams params{};
    const cuda::ChannelConstants constants =
        cuda::channel_constants(epilogue, cuda::WgmmaRule::scaled_bias, params, true);
    if (!params.lines.but_one) continue;
    for (std::size_t channel = 0; channel < std::size_t{kChannels}; ++channel) {
      const std::int32_t sum = constants.exceptions[2 * channel],
                         more = constants.exceptions[2 * channel + 1];
      if (more == 0 || std::abs(sum) > 62 * kMost * kMost) continue;
      aim_at(c, channel, sum);
      ++met;
    }
    EXPECT_TRUE(expect_reference_bits(*backend, halo, c, kNHWC, kNHWC));
  }
  EXPECT_GT(met, 0);
}

}  // namespace
}  // namespace octet::testing
