#include "ops/broadcast_walk.hpp"

#include <random>

#include "ops/elementwise.hpp"
#include "ops/op_harness.hpp"

namespace octet {
namespace {

using namespace octet::testing;

TEST(BroadcastWalk, MergesAxesThatEveryOperandSeesAsOne) {
  const Shape full{4, 8, 5, 7};
  EXPECT_EQ(BroadcastWalk(full, std::array{full, full}).run(), 4 * 8 * 5 * 7);
  EXPECT_EQ(BroadcastWalk(full, std::array{full, Shape{}}).run(), 4 * 8 * 5 * 7);
  EXPECT_EQ(BroadcastWalk(full, std::array{full, Shape{8, 1, 1}}).run(), 5 * 7);
  EXPECT_EQ(BroadcastWalk(full, std::array{full, Shape{7}}).run(), 7);
  EXPECT_EQ(BroadcastWalk(Shape{}, std::array{Shape{}}).run(), 1);
}

std::int64_t offset_by_hand(const Shape& output, const Shape& operand, std::int64_t at) {
  std::int64_t offset = 0, step = 1;
  for (std::size_t back = 0; back < output.rank(); ++back) {
    const std::int64_t extent = output[output.rank() - 1 - back], index = at % extent;
    at /= extent;
    if (back >= operand.rank()) continue;
    const std::int64_t own = operand[operand.rank() - 1 - back];
    if (own != 1) offset += index * step;
    step *= own;
  }
  return offset;
}

// Random shapes of up to four axes with random axes of extent 1, against the definition.
TEST(BroadcastWalk, VisitsWhatTheDefinitionSays) {
  std::mt19937 random(7);
  for (int round = 0; round < 300; ++round) {
    std::vector<Shape> operands(1 + random() % 3);
    Shape output;
    std::vector<std::int64_t> extents(random() % 5);
    for (auto& extent : extents) extent = 1 + static_cast<std::int64_t>(random() % 4);
    for (Shape& operand : operands) {
      const std::size_t skip = extents.empty() ? 0 : random() % extents.size();
      for (std::size_t i = skip; i < extents.size(); ++i)
        operand.push_back(random() % 3 == 0 ? 1 : extents[i]);
      output = broadcast(output, operand);
    }
    const BroadcastWalk walk(output, operands);
    std::int64_t seen = 0;
    walk.for_each_run([&](std::int64_t at, std::span<const std::int64_t> offsets) {
      EXPECT_EQ(at, seen);
      for (std::int64_t i = 0; i < walk.run(); ++i)
        for (std::size_t k = 0; k < operands.size(); ++k)
          ASSERT_EQ(offsets[k] + i * walk.stride(k), offset_by_hand(output, operands[k], at + i))
              << "operand " << k << " of " << output.to_string();
      seen += walk.run();
    });
    EXPECT_EQ(seen, output.elements());
  }
}

TEST(BroadcastWalk, EmptyOutputsHaveNoRuns) {
  const Shape empty{3, 0, 2};
  int runs = 0;
  BroadcastWalk(empty, std::array{empty, Shape{2}}).for_each_run([&](auto, auto) { ++runs; });
  EXPECT_EQ(runs, 0);
  Elementwise op;
  EXPECT_EQ(run(op, {counting<float>(empty), counting<float>({2})})[0].shape(), empty);
}

TEST(BroadcastWalk, LongRunsCrossTheChunks) {
  Elementwise op;
  const Tensor x = counting<float>({2, 3, 41, 17}), bias = counting<float>({1, 3, 1, 1});
  const auto y = values<float>(run(op, {x, bias})[0]);
  for (std::size_t i = 0; i < y.size(); ++i)
    ASSERT_EQ(y[i], static_cast<float>(i) + static_cast<float>(i / (41 * 17) % 3));
}

}  // namespace
}  // namespace octet
