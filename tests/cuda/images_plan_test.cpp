// The host side of the convolution over images.
#include "backends/cuda/conv/images/plan.hpp"

#include <gtest/gtest.h>

#include <set>

namespace octet::cuda {
namespace {

TEST(CudaImagesSpans, CoverTheRowAndTheBatchInTheFewestTiles) {
  for (const ImagesTile& tile : kImagesTiles)
    for (int ow = 1; ow <= 60; ++ow)
      for (int n = 4; n <= 260; n += 4) {
        const ImagesSpans spans = images_spans(ow, n, tile.spans());
        ASSERT_EQ(spans.columns * spans.blocks, tile.spans()) << ow << ' ' << n;
        const auto tiles = [&](int columns, int blocks) {
          return (ow + columns - 1) / columns * ((n + 32 * blocks - 1) / (32 * blocks));
        };
        for (int columns = 1; columns <= tile.spans(); columns *= 2)
          ASSERT_LE(tiles(spans.columns, spans.blocks), tiles(columns, tile.spans() / columns));
      }
}

TEST(CudaImagesSpans, PreferPixelsThatShareTheirHalo) {
  const ImagesSpans spans = images_spans(56, 128, 4);
  EXPECT_EQ(spans.columns, 4);
  EXPECT_EQ(spans.blocks, 1);
}

// The lanes of a row take words 0 2 4 6, then 1 3 5 7: see the picture in images.cuh.
TEST(CudaImagesOrders, AreThoseOfTheWordsThatALaneReads) {
  const int words[8] = {0, 2, 4, 6, 1, 3, 5, 7};
  for (int i = 0; i < 32; ++i) EXPECT_EQ(images_depth_channel(i), words[i / 4] * 4 + i % 4);
  // Columns 8j + 2q and 8j + 2q + 1 of the product, j even and odd, make one word of lane q.
  std::set<int> seen;
  for (int row = 0; row < 128; ++row) {
    const int channel = images_output_channel(row);
    EXPECT_TRUE(seen.insert(channel).second);
    EXPECT_EQ(channel / 4 % 8 / 2, row % 8 / 2)
        << "lane " << row % 8 / 2 << " holds words 2q, 2q+1";
  }
  EXPECT_EQ(*seen.rbegin(), 127);
}

TEST(CudaImagesFilter, PacksEveryValueWhereTheProductLooksForIt) {
  Filter filter{72, 68, 3, 2, {}};
  for (int i = 0; i < 72 * 68 * 6; ++i) filter.values.push_back(static_cast<std::int8_t>(i % 251));
  constexpr int kN = 64;
  const std::vector<std::int8_t> packed = pack_images_filter(filter, kN);
  ASSERT_EQ(packed.size(), std::size_t{2 * 3 * 2 * 2 * kN * 64});
  std::size_t at = 0;
  for (int tile = 0; tile < 2; ++tile)
    for (int r = 0; r < 3; ++r)
      for (int block = 0; block < 2; ++block)
        for (int s = 0; s < 2; ++s, at += kN * 64)
          for (int row = 0; row < kN; ++row)
            for (int byte = 0; byte < 64; ++byte) {
              const int k = tile * kN + images_output_channel(row);
              const int c = block * 64 + byte / 32 * 32 + images_depth_channel(byte % 32);
              const int chunk = byte / 16 ^ (row / 2 % 4);
              const int wanted = k < 72 && c < 68 ? filter.at(k, c, r, s) : 0;
              ASSERT_EQ(packed[at + static_cast<std::size_t>(row * 64 + chunk * 16 + byte % 16)],
                        wanted);
            }
}

}  // namespace
}  // namespace octet::cuda
