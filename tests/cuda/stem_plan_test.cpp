// What the first layer's kernel takes, its packed filter and its numbers, without a GPU.
#include "backends/cuda/conv/stem/plan.hpp"

#include <gtest/gtest.h>

#include <set>

#include "backends/cuda/common/epilogue_upload.hpp"
#include "ops/subgraph.hpp"
#include "support/random_stem.hpp"

namespace octet::cuda {
namespace {

using testing::Case;
using testing::Random;

Problem problem_of(const Case& c) { return testing::lay_out(c, kNCHW, kNHWC4).problem; }

// The first random first layer for which `wanted` holds.
template <typename Wanted>
Problem find(Wanted&& wanted) {
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    Random random(seed);
    Problem problem = problem_of(testing::random_stem(random));
    if (check_stem(problem) && wanted(*stem_chain(problem))) return problem;
  }
  throw std::runtime_error("no random first layer is like that");
}

std::int64_t filter_rows(const StemChain& chain) { return chain.conv.inputs[1].shape[2]; }

TEST(CudaStemPlan, TakesMostRandomFirstLayersAndSaysWhyNotTheOthers) {
  int taken = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    Random random(seed);
    const Verdict verdict = check_stem(problem_of(testing::random_stem(random)));
    if (verdict) ++taken;
    else EXPECT_FALSE(verdict.reason().empty());
  }
  EXPECT_GT(taken, 50);
  EXPECT_LT(taken, 100);
}

TEST(CudaStemPlan, RefusesAnOutputInTheDefaultLayout) {
  Random random(3);
  const Problem problem = testing::lay_out(testing::random_stem(random), kNCHW, kNCHW).problem;
  EXPECT_EQ(check_stem(problem).reason(), "the output is in none of NHWC, NCHW32, NCHW4 and CHWN4");
}

// Multiplies as the kernel does: K of a filter row is the 16 bytes of a column and those of the
// column two further on, as stem.cuh lays them out.
TEST(CudaStemPlan, ThePackedFilterMultipliesPixelsAsShared) {
  const Problem problem = find([](const StemChain& chain) {
    return filter_rows(chain) == 7 && chain.conv.inputs[0].shape[1] == 3 &&
           stem_pad_left(chain) == 3;
  });
  const StemChain chain = *stem_chain(problem);
  const Filter filter = read_filter(chain.conv);
  const auto packed = pack_stem_filter(filter, 7, 3);
  Random random(1);
  int pixels[12][3];  // -3 .. 8, counted from twice the column
  for (auto& pixel : pixels)
    for (int& value : pixel) value = static_cast<int>(random.integer(-128, 127));
  const auto shared_byte = [&](int k) {
    const int at = k % 16, column = k / 16 * 4;
    if (at == 15) return 99;  // whatever lies there
    const int c = at < 12 ? at / 4 : at - 12, pixel = at < 12 ? at % 4 - 2 : -3;
    return pixels[pixel + 3 + column][c];
  };
  for (int k = 0; k < filter.k; ++k)
    for (int r = 0; r < 7; ++r) {
      int wanted = 0, sum = 0;
      for (int c = 0; c < 3; ++c)
        for (int s = 0; s < 7; ++s) wanted += filter.at(k, c, r, s) * pixels[s][c];
      for (int q = 0; q < 4; ++q)
        for (int chunk = 0; chunk < 2; ++chunk) {
          // Channels 2g and 2g + 1 of a warp's 16 are fragment rows g and g + 8.
          const int thread = k / 16 * 32 + k % 16 / 2 * 4 + q, part = k % 2 + 2 * chunk;
          const std::uint32_t word =
              packed[static_cast<std::size_t>((r * 4 + part) * 128 + thread)];
          for (int byte = 0; byte < 4; ++byte)
            sum += static_cast<std::int8_t>(word >> (8 * byte)) *
                   shared_byte(16 * chunk + 4 * q + byte);
        }
      ASSERT_EQ(sum, wanted) << "channel " << k << ", row " << r;
    }
}

TEST(CudaStemPlan, SharesTheWorkOutEvenly) {
  const Problem problem = find(
      [](const StemChain& chain) { return chain.pool && chain.conv.outputs[0].shape[3] > 112; });
  const StemChain chain = *stem_chain(problem);
  const Epilogue epilogue = conv_epilogue(chain.conv, read_filter(chain.conv).sums());
  const StemParams p = stem_params(chain, problem.outputs[0], epilogue, 2);
  const Shape& y = chain.pool->outputs[0].shape;
  EXPECT_EQ(p.tiles, (y[3] + 54) / 55);
  EXPECT_EQ(p.units, y[0] * y[2] * p.tiles);
  EXPECT_GE(p.units_per_pair * 4, p.units);
  EXPECT_LT((p.units_per_pair - 1) * 4, p.units);
  EXPECT_EQ(stem_boxes({232, 1, 56}, stem_form(chain), p.tiles).out_columns, 55);
  EXPECT_EQ(stem_boxes({232, 1, 56}, stem_form(chain), 1).out_columns, 56);
}

// What a tile stores by words is its own: the next tile's columns are not made yet.
TEST(CudaStemPlan, GivesATileNoColumnsOfTheNext) {
  for (const bool pooled : {true, false}) {
    Problem problem = find([&](const StemChain& chain) {
      return chain.pool.has_value() == pooled && chain.conv.outputs[0].shape[3] > 112 &&
             chain.conv.as<Conv2d>()->rule != EpilogueRule::onnx;
    });
    const StemChain chain = *stem_chain(problem);
    const Epilogue epilogue = conv_epilogue(chain.conv, read_filter(chain.conv).sums());
    TensorType y = problem.outputs[0];
    y.layout = kCHWN4;
    const StemParams p = stem_params(chain, y, epilogue, 2);
    EXPECT_EQ(p.words.columns, y.shape[3]);
    EXPECT_EQ(p.words.columns_of_tile, pooled ? 55 : 112);
  }
}

TEST(CudaStemPlan, TellsTheFastFormsFromTheGeneralOnes) {
  const Problem fast = find([](const StemChain& chain) {
    return chain.conv.as<Conv2d>()->rule == EpilogueRule::mge_dense &&
           chain.conv.as<Conv2d>()->activation.kind == ActivationKind::relu &&
           chain.bring.inputs[0].dtype == DType::f32;
  });
  EXPECT_EQ(stem_form(*stem_chain(fast)).epilogue,
            (StemEpilogue{StemInput::f32_mge, false, WgmmaRule::scaled_bias, true}));
  const Problem general = find([](const StemChain& chain) {
    return chain.conv.as<Conv2d>()->rule == EpilogueRule::onnx &&
           chain.conv.inputs[0].dtype == DType::u8 && chain.bring.inputs[0].dtype == DType::f32;
  });
  EXPECT_EQ(stem_form(*stem_chain(general)).epilogue,
            (StemEpilogue{StemInput::f32_onnx, true, WgmmaRule::onnx, false}));
}

// Sums that leap over steps are no staircase for a line.
TEST(CudaStemPlan, AFormLosesItsLinesWhereAChannelHasNone) {
  Epilogue epilogue;
  epilogue.quantiser = Quantiser::make(DType::s8, 1.0f, 0, QuantRule::mge);
  epilogue.activation.kind = ActivationKind::relu;
  epilogue.ibias = {0};
  epilogue.has_fbias = true;
  epilogue.fbias = {0.25f};
  for (const float m : {0.0371f, 9.0f}) {
    epilogue.m = {m};
    StemEpilogue form{StemInput::f32_mge, false, WgmmaRule::scaled_bias, true};
    const StemConstants constants = stem_constants(epilogue, form);
    EXPECT_EQ(form.lines, m == 0.0371f) << m;
    EXPECT_EQ(constants.m.size(), static_cast<std::size_t>(kStemChannels));
    EXPECT_TRUE(form.lines || constants.m[0] == m);
  }
}

}  // namespace
}  // namespace octet::cuda
