// The host side of the depthwise convolutions on Tensor Cores.
#include "backends/cuda/conv/diagonal/plan.hpp"

#include <gtest/gtest.h>

#include "backends/cuda/conv/geometry.hpp"
#include "ops/conv.hpp"

namespace octet::cuda {
namespace {

constexpr DiagonalDevice kH200{132, 227 * 1024};

Filter numbered_filter(int k, const DiagonalShape& shape) {
  Filter filter{k, 1, shape.r, shape.s, {}};
  for (int i = 0; i < k * shape.taps(); ++i)
    filter.values.push_back(static_cast<std::int8_t>(i % 251 - 125));
  return filter;
}

// What mma.sync multiplies byte `k` of K, of 32, with in column `column`: see PTX's m16n8k32.
std::int8_t right_operand(const std::vector<std::int8_t>& packed, int group, int steps, int step,
                          int product, int k, int column) {
  const int lane = column * 4 + k % 16 / 4;
  return packed[static_cast<std::size_t>((((group * steps + step) * 2 + product) * 32 + lane) * 8 +
                                         k / 16 * 4 + k % 4)];
}

// Of a thread, which has the columns 2q and 2q + 1 of both products, four neighbouring channels.
TEST(CudaDiagonalFilter, MultipliesEachTapOfAChannelWithItself) {
  for (const DiagonalShape& shape : kDiagonalShapes) {
    const Filter filter = numbered_filter(48, shape);
    const std::vector<std::int8_t> packed = pack_diagonal_filter(filter, shape);
    for (int group = 0; group < 3; ++group)
      for (int step = 0; step < shape.steps(); ++step)
        for (int product = 0; product < 2; ++product)
          for (int column = 0; column < 8; ++column)
            for (int k = 0; k < 32; ++k) {
              const int channel = column / 2 * 4 + product * 2 + column % 2;
              const int tap = 2 * step + k / 16;
              const int wanted =
                  k % 16 == channel && tap < shape.taps()
                      ? filter.at(group * 16 + channel, 0, tap / shape.s, tap % shape.s)
                      : 0;
              ASSERT_EQ(right_operand(packed, group, shape.steps(), step, product, k, column),
                        wanted)
                  << "step " << step << " product " << product << " column " << column << " K "
                  << k;
            }
  }
}

Problem depthwise(std::int64_t batch, std::int64_t channels, std::int64_t extent,
                  const DiagonalShape& shape, const Tensor& filter) {
  Conv2d op;
  const std::int64_t pad = shape.r / 2, out = (extent + 2 * pad - shape.r) / shape.stride + 1;
  op.window = {{shape.stride, shape.stride}, {pad, pad, pad, pad}, {1, 1}};
  op.groups = channels;
  op.rule = EpilogueRule::mge_packed;
  op.output = {DType::s8, Quant::per_tensor(0.05f)};
  Problem problem;
  problem.op = make_op<Conv2d>(op);
  problem.inputs = {
      {DType::s8, Shape{batch, channels, extent, extent}, kNHWC4, Quant::per_tensor(0.05f)},
      filter.type()};
  problem.present = {true, true};
  problem.constants = {nullptr, &filter};
  problem.outputs = {{DType::s8, Shape{batch, channels, out, out}, kNHWC4, op.output.quant}};
  return problem;
}

TEST(CudaDiagonalPlan, CoversTheMapWithinSharedMemory) {
  for (const DiagonalShape& shape : kDiagonalShapes)
    for (const int extent : {1, 2, 7, 14, 28, 57, 112, 224})
      for (const int channels : {16, 32, 48, 960})
        for (const int batch : {1, 3, 32}) {
          const Tensor filter(
              {DType::s8, Shape{channels, 1, shape.r, shape.s}, kNCHW, Quant::per_tensor(0.01f)});
          const Problem problem = depthwise(batch, channels, extent, shape, filter);
          SCOPED_TRACE(std::to_string(batch) + "x" + std::to_string(channels) + "x" +
                       std::to_string(extent) + " " + std::to_string(shape.r) + "s" +
                       std::to_string(shape.stride));
          ASSERT_TRUE(check_diagonal(problem, shape, kH200));
          const DiagonalPlan plan = diagonal_plan(problem, shape, kH200);
          const DiagonalParams& p = plan.params;
          EXPECT_LE(p.shared_bytes, kH200.shared_bytes);
          EXPECT_TRUE(p.tile_images == 1 || p.rows == p.oh) << "several images are whole ones";
          EXPECT_GE(p.tiles_of_image * p.rows, p.oh);
          EXPECT_GE(p.tiles / p.tiles_of_image * p.tile_images, p.images);
          EXPECT_EQ(p.chunks, divided_up(channels, 32));
          EXPECT_GE(plan.blocks, 1);
          EXPECT_LE(plan.blocks, p.tiles * p.chunks) << "each block has a tile";
          EXPECT_LE(p.tile_images * p.lines, 255) << "a line's number has 8 bits";
        }
}

TEST(CudaDiagonalPlan, SaysWhatItDoesNotTake) {
  const DiagonalShape& shape = kDiagonalShapes[0];
  const Tensor filter({DType::s8, Shape{24, 1, 3, 3}, kNCHW, Quant::per_tensor(0.01f)});
  EXPECT_EQ(check_diagonal(depthwise(1, 24, 14, shape, filter), shape, kH200).reason(),
            "the input's channels are not a multiple of 16");
  const Tensor wide({DType::s8, Shape{32, 1, 3, 3}, kNCHW, Quant::per_tensor(0.01f)});
  EXPECT_EQ(check_diagonal(depthwise(1, 32, 14, shape, wide), kDiagonalShapes[1], kH200).reason(),
            "filter or stride are of another size");
  EXPECT_EQ(check_diagonal(depthwise(1, 32, 5000, shape, wide), shape, kH200).reason(),
            "no row of the map fits in shared memory");
}

}  // namespace
}  // namespace octet::cuda
