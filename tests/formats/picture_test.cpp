#include "formats/tensors/picture.hpp"

#include <gtest/gtest.h>

#include "files/picture_bytes.hpp"
#include "support/bytes.hpp"

namespace octet {
namespace {

using test::jpeg;
using test::png;

Picture read(const std::string& file) { return read_picture(test::as_bytes(file), "x.ppm"); }

std::vector<int> samples(const Picture& picture) {
  return {picture.samples.begin(), picture.samples.end()};
}

void expect_extents(const Picture& picture, std::int64_t height, std::int64_t width,
                    std::int64_t channels) {
  EXPECT_EQ(picture.height, height);
  EXPECT_EQ(picture.width, width);
  EXPECT_EQ(picture.channels, channels);
}

TEST(Pnm, ReadsColourRowByRow) {
  const Picture picture = read("P6\n2 1\n255\nabcdef");
  expect_extents(picture, 1, 2, 3);
  EXPECT_EQ(samples(picture), (std::vector<int>{'a', 'b', 'c', 'd', 'e', 'f'}));
}

TEST(Pnm, ReadsGreyWithCommentsAndAnyBlanks) {
  const Picture picture = read("P5# made by hand\n#two\r\n 1\t#w\n\n2 # h\n255\nab");
  expect_extents(picture, 2, 1, 1);
  EXPECT_EQ(samples(picture), (std::vector<int>{'a', 'b'}));
}

TEST(Pnm, APixelMayLookLikeABlank) {
  EXPECT_EQ(samples(read("P5 2 1 255\n\n#")), (std::vector<int>{'\n', '#'}));
}

TEST(Pnm, RescalesByTheMaxval) {
  EXPECT_EQ(samples(read(std::string("P5 4 1 15\n\0\7\x8\xf", 14))),
            (std::vector<int>{0, 119, 136, 255}));
  EXPECT_EQ(samples(read(std::string("P5 2 1 1\n\0\1", 11))), (std::vector<int>{0, 255}));
}

TEST(Pnm, SixteenBitSamplesAreBigEndian) {
  EXPECT_EQ(samples(read(std::string("P5 3 1 65535\n\x01\x00\xff\xff\x80\x80", 19))),
            (std::vector<int>{1, 255, 128}));
  EXPECT_EQ(samples(read(std::string("P5 1 1 1000\n\x01\xf4", 14))), (std::vector<int>{128}));
}

TEST(Png, ReadsGreyColourAndAlpha) {
  const Picture grey = read(png(3, 1, 8, 0, "abc", 3));
  expect_extents(grey, 1, 3, 1);
  EXPECT_EQ(samples(grey), (std::vector<int>{'a', 'b', 'c'}));
  const Picture colour = read(png(1, 2, 8, 2, "abcdef", 3));
  expect_extents(colour, 2, 1, 3);
  EXPECT_EQ(samples(colour), (std::vector<int>{'a', 'b', 'c', 'd', 'e', 'f'}));
  expect_extents(read(png(1, 1, 8, 6, "abcd", 4)), 1, 1, 4);
}

TEST(Png, TakesColoursFromThePalette) {
  const Picture picture = read(png(3, 1, 8, 3, std::string("\1\0\1", 3), 3, "abcdef"));
  expect_extents(picture, 1, 3, 3);
  EXPECT_EQ(samples(picture), (std::vector<int>{'d', 'e', 'f', 'a', 'b', 'c', 'd', 'e', 'f'}));
}

TEST(Png, SixteenBitSamplesAreRoundedNotCut) {
  // 255.49 * 257 and 254.51 * 257 are nearest to 255.
  EXPECT_EQ(samples(read(png(3, 1, 16, 0, std::string("\xff\x7f\xff\xff\x01\x00", 6), 6))),
            (std::vector<int>{255, 255, 1}));
}

TEST(Jpeg, ReadsGreyAndColour) {
  const Picture grey = read(jpeg({8 * (200 - 128)}));
  expect_extents(grey, 8, 8, 1);
  EXPECT_EQ(samples(grey), std::vector<int>(64, 200));
  const Picture colour = read(jpeg({8 * (100 - 128), 0, 8 * (228 - 128)}));
  expect_extents(colour, 8, 8, 3);
  EXPECT_NEAR(colour.samples[0], 100 + 1.402 * 100, 1.0);  // red from Cr
  EXPECT_NEAR(colour.samples[1], 100 - 0.714 * 100, 1.0);
  EXPECT_NEAR(colour.samples[2], 100, 1.0);
  EXPECT_EQ(samples(read(jpeg({8 * (200 - 128)}, true))), std::vector<int>(64, 200));
}

}  // namespace
}  // namespace octet
