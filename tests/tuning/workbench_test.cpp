#include "tuning/workbench.hpp"

#include <gtest/gtest.h>

#include "runtime/toy.hpp"
#include "tuning/content.hpp"

namespace octet {
namespace {

TEST(OperandSets, AreOneWhileTheCacheKeepsAllAndEnoughToLeaveItOtherwise) {
  constexpr std::size_t kCache = 1000;
  EXPECT_EQ(operand_sets(249, kCache), 1u);
  EXPECT_EQ(operand_sets(250, kCache), 6u);
  EXPECT_EQ(operand_sets(600, kCache), 3u);
  EXPECT_EQ(operand_sets(5000, kCache), 2u);
  EXPECT_EQ(operand_sets(5000, 0), 1u);
  for (std::size_t bytes = 250; bytes < 3000; bytes += 10)
    EXPECT_GE(operand_sets(bytes, kCache) * bytes, kCache + bytes / 2) << bytes;
}

std::vector<std::byte> filled(DType dtype, std::int64_t elements) {
  const TensorType type{dtype, Shape{elements}, kNCHW, std::nullopt};
  std::vector<std::byte> bytes(type.bytes() + 16, std::byte{0xEE});
  const auto context = toy::backend().make_context({});
  fill_plausibly(toy::backend(), type, bytes.data(), *context);
  for (std::size_t i = type.bytes(); i < bytes.size(); ++i) EXPECT_EQ(bytes[i], std::byte{0xEE});
  bytes.resize(type.bytes());
  return bytes;
}

TEST(FillPlausibly, RepeatsABlockOverLargeOperands) {
  const auto bytes = filled(DType::s8, 3'000'001);
  const auto zeros = std::count(bytes.begin(), bytes.end(), std::byte{0});
  EXPECT_NEAR(static_cast<double>(zeros) / 3e6, 0.5, 0.02);
  EXPECT_TRUE(
      std::all_of(bytes.begin(), bytes.end(), [](std::byte b) { return b < std::byte{64}; }));
  EXPECT_TRUE(std::equal(bytes.begin() + (2 << 20), bytes.end(), bytes.begin()));
}

TEST(FillPlausibly, GivesFloatsNearZeroAndZerosForIndices) {
  const auto bytes = filled(DType::f32, 1000);
  for (std::size_t i = 0; i < bytes.size(); i += 4) {
    float value = 0;
    std::memcpy(&value, &bytes[i], 4);
    EXPECT_LT(std::abs(value), 1.0f);
  }
  const auto indices = filled(DType::s32, 1000);
  EXPECT_EQ(std::count(indices.begin(), indices.end(), std::byte{0}), 4000);
}

TEST(Workbench, TimesAKernelOnOperandsOfItsOwn) {
  Problem problem;
  problem.op = make_op<toy::Affine>(2.0f, 1.0f);
  problem.inputs = problem.outputs = {toy::f32({1, 64})};
  problem.present = {true};
  problem.constants = {nullptr};
  const Demands demands;
  Workbench bench(toy::backend(), problem, demands);
  const auto contender = bench.enter(toy::backend().kernels(toy::Affine::kKind)[1]);
  EXPECT_GT(contender->sample(), 0.0);
}

}  // namespace
}  // namespace octet
