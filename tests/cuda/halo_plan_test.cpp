// The host side of the halo-resident convolution.
#include "backends/cuda/conv/halo/plan.hpp"

#include <gtest/gtest.h>

#include <set>

namespace octet::cuda {
namespace {

TEST(CudaHaloTile, CoversTheMapWithinItsPositions) {
  for (const HaloShape& shape : kHaloShapes)
    for (int h = 1; h <= 60; ++h)
      for (int w = 1; w <= 300; w += w < 70 ? 1 : 23) {
        const HaloTile tile = halo_tile(h, w, shape);
        ASSERT_GE(tile.rows, 1) << h << 'x' << w;
        ASSERT_GE(tile.columns, 1) << h << 'x' << w;
        ASSERT_LE(tile.rows, h);
        ASSERT_LE(tile.columns, w);
        ASSERT_LE(tile.positions(), shape.positions) << h << 'x' << w;
        ASSERT_LE(tile.padded_columns() * shape.window.stride, 256) << "the widest box";
        ASSERT_LE(tile.padded_rows() * shape.window.stride, 256) << "the highest box";
      }
}

TEST(CudaHaloTile, TakesWholeRowsOfResNetsMaps) {
  const HaloTile res2 = halo_tile(56, 56, kHaloShapes[0]), res3 = halo_tile(28, 28, kHaloShapes[1]);
  EXPECT_EQ(res2.rows, 3);
  EXPECT_EQ(res2.columns, 56);
  EXPECT_EQ(res3.rows, 7);
  EXPECT_EQ(res3.columns, 28);
}

// Every other pixel of a row: between two rows of positions one is thrown away, not two.
TEST(CudaHaloTile, NeedsOnePixelMoreWithStride2) {
  const HaloTile tile = halo_tile(28, 28, {64, 208, 2, 9, {3, 2}});
  EXPECT_EQ(tile.padded_columns(), 29);
  EXPECT_EQ(tile.rows, 7);
  EXPECT_EQ(tile.positions(), 7 * 29 - 1);
}

Filter numbered_filter(int k, int c, int size) {
  Filter filter{k, c, size, size, {}};
  for (int i = 0; i < k * c * size * size; ++i)
    filter.values.push_back(static_cast<std::int8_t>(i % 251));
  return filter;
}

TEST(CudaHaloFilter, PacksEveryValueOnceAndZerosElsewhere) {
  for (const HaloShape& shape : kHaloShapes) {
    const Filter filter = numbered_filter(80, shape.channels * 3 / 4, shape.window.size);
    const std::vector<std::int8_t> packed = pack_halo_filter(filter, shape);
    ASSERT_EQ(packed.size(), static_cast<std::size_t>(2 * shape.filter_bytes()));
    std::multiset<std::int8_t> wanted(filter.values.begin(), filter.values.end());
    wanted.insert(0);  // so that erasing zeros of the padding never runs out
    std::multiset<std::int8_t> found;
    for (const std::int8_t value : packed)
      if (value != 0) found.insert(value);
    wanted.erase(0);
    EXPECT_EQ(found, wanted);
  }
}

// Row 8 of a warp's 16 is channel 1, and its chunks are where the swizzle of 64 bytes has them.
TEST(CudaHaloFilter, OrdersRowsForTheTransposingStore) {
  const Filter filter = numbered_filter(64, 64, 3);
  const std::vector<std::int8_t> packed = pack_halo_filter(filter, kHaloShapes[0]);
  const int row = 8, tap = 5, c = 20, flip = row / 2 % 4;
  const int at = (tap * 64 + row) * 64 + (((c / 16) ^ flip) << 4) + c % 16;
  EXPECT_EQ(packed[static_cast<std::size_t>(at)], filter.at(1, c, 1, 2));
}

}  // namespace
}  // namespace octet::cuda
