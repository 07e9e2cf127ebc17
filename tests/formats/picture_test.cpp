#include "formats/tensors/picture.hpp"

#include <gtest/gtest.h>

#include "formats/picture_bytes.hpp"
#include "support/bytes.hpp"

namespace octet {
namespace {

using test::BadCase;
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

std::size_t find_segment(const std::string& file, char marker) {
  return file.find(std::string("\xff") + marker);
}

// A JPEG of which the first segment with this marker (a scan with its data) stands more often.
std::string repeat_segment(const std::string& file, char marker, int times) {
  const std::size_t start = find_segment(file, marker);
  const std::size_t length = static_cast<unsigned char>(file[start + 2]) * 256u +
                             static_cast<unsigned char>(file[start + 3]) + 2u;
  const std::string segment = file.substr(start, length) + (marker == '\xda' ? "\x12" : "");
  std::string repeated;
  for (int i = 0; i < times; ++i) repeated += segment;
  return file.substr(0, start) + repeated + file.substr(start);
}

// A JPEG with other bytes at an offset from the first segment's marker.
std::string patched(std::string file, char marker, std::size_t offset, const std::string& bytes) {
  return file.replace(find_segment(file, marker) + offset, bytes.size(), bytes);
}

std::vector<BadCase> bad_pictures() {
  constexpr auto kInput = StatusCode::invalid_input;
  constexpr auto kUnsupported = StatusCode::unsupported;
  constexpr auto kLimit = StatusCode::resource_exhausted;
  const std::string good_png = png(2, 1, 8, 0, "ab", 2);
  const std::string good_jpeg = jpeg({80});
  std::string no_start = good_jpeg;
  no_start[2] = '\0';
  std::string short_segment = good_jpeg;
  short_segment[5] = '\1';
  std::string early_length = good_jpeg;
  early_length[4] = '\x7f';
  return {
      {"empty", "", kInput, "not a PGM, PPM, PNG or JPEG"},
      {"one_byte", "P", kInput, "not a PGM"},
      {"unknown_kind", "P8 1 1 255\na", kInput, "not a PGM"},
      {"gif", "GIF89a", kInput, "not a PGM"},
      {"plain_ppm", "P3 1 1 255\n1 2 3", kUnsupported, "P3"},
      {"bitmap", "P4 8 1\na", kUnsupported, "P4"},
      {"pam", "P7\nWIDTH 1", kUnsupported, "P7"},
      {"only_magic", "P5", kInput, "width is not a number"},
      {"no_blank_after_magic", "P51 1 255\na", kInput, "width is not a number"},
      {"width_text", "P5 a 1 255\na", kInput, "width is not a number"},
      {"width_negative", "P5 -1 1 255\na", kInput, "width is not a number"},
      {"width_zero", "P5 0 1 255\n", kInput, "0 x 1 pixels"},
      {"height_zero", "P5 1 0 255\n", kInput, "1 x 0 pixels"},
      {"height_missing", "P5 1", kInput, "height is not a number"},
      {"width_huge", "P5 99999999999 1 255\na", kLimit, "width is above"},
      {"width_digits", "P5 99999999999999999999999 1 255\na", kLimit, "width is above"},
      {"pixels", "P6 8193 8193 255\na", kLimit, "8193 x 8193 pixels; the limit is"},
      {"pixels_overflow", "P6 2147483647 2147483647 255\na", kLimit, "the limit is"},
      {"maxval_missing", "P5 1 1", kInput, "maxval is not a number"},
      {"maxval_zero", "P5 1 1 0\na", kInput, "maxval 0 is not within"},
      {"maxval_large", "P5 1 1 65536\nab", kInput, "maxval 65536 is not within"},
      {"no_blank_after_maxval", "P5 1 1 255", kInput, "no blank follows the maxval"},
      {"comment_open", "P5 1 # no end", kInput, "a comment does not end"},
      {"sample_above_maxval", "P5 1 1 15\nz", kInput, "a sample is 122, above the maxval 15"},
      {"pixels_missing", "P6 2 2 255\nabc", kInput, "need 12 bytes, but 3 are there"},
      {"wide_pixels_missing", "P5 1 1 256\na", kInput, "need 2 bytes, but 1 are there"},
      {"bytes_follow", "P5 1 1 255\nab", kInput, "1 bytes follow the pixels"},
      {"png_header_only", good_png.substr(0, 8), kInput, "it ends early"},
      {"png_no_pixels", good_png.substr(0, 40), kInput, "it ends early"},
      {"png_cut", good_png.substr(0, good_png.size() - 13), kInput, "it ends early"},
      {"png_no_size", good_png.substr(0, 8) + good_png.substr(33), kInput, "begin with its size"},
      {"png_missing_rows", png(2, 2, 8, 0, "ab", 2), kInput, "cannot be decoded"},
      {"png_depth", png(2, 1, 7, 0, "ab", 2), kInput, "cannot be decoded"},
      {"png_colour", png(2, 1, 8, 5, "ab", 2), kInput, "cannot be decoded"},
      {"png_width_zero", png(0, 1, 8, 0, "ab", 2), kInput, "0 x 1 pixels"},
      {"png_bomb", png(8192, 8193, 8, 0, "ab", 2), kLimit, "the limit is 67108864 pixels"},
      {"png_claims_more", png(8000, 8000, 8, 2, "ab", 2), kInput, "its pixels are missing"},
      {"jpeg_header_only", good_jpeg.substr(0, 4), kInput, "it ends early"},
      {"jpeg_no_marker", no_start, kInput, "not a PGM"},
      {"jpeg_cut", good_jpeg.substr(0, good_jpeg.size() - 2), kInput, "it ends early"},
      {"jpeg_segment_length", short_segment, kInput, "shorter than its length"},
      {"jpeg_segment_too_long", early_length, kInput, "it ends early"},
      {"jpeg_no_frame", "\xff\xd8\xff\xd9", kInput, "it has no frame"},
      {"jpeg_two_frames", repeat_segment(good_jpeg, '\xc0', 1), kInput, "it has two frames"},
      {"jpeg_huffman_codes", patched(good_jpeg, '\xc4', 5, "\xff\xff"), kInput, "codes"},
      {"jpeg_huffman_length", patched(good_jpeg, '\xc4', 5, "\x01"), kInput, "ends early"},
      {"jpeg_width_zero", patched(good_jpeg, '\xc0', 7, std::string(2, '\0')), kInput, "0 x 8"},
      {"jpeg_bomb", patched(good_jpeg, '\xc0', 5, "\xff\xff\xff\xff"), kLimit, "the limit is"},
      {"jpeg_claims_more", patched(good_jpeg, '\xc0', 5, "\x1f\xff\x1f\xff"), kInput, "missing"},
      {"jpeg_scans", repeat_segment(good_jpeg, '\xda', 101), kLimit, "more than 100 scans"},
  };
}

class BadPicture : public ::testing::TestWithParam<BadCase> {};

TEST_P(BadPicture, IsRefusedWithASentence) {
  test::expect_failure([&] { (void)read(GetParam().content); }, GetParam());
}

INSTANTIATE_TEST_SUITE_P(All, BadPicture, ::testing::ValuesIn(bad_pictures()),
                         [](const auto& row) { return row.param.name; });

class WholePicture : public ::testing::TestWithParam<std::string> {};

TEST_P(WholePicture, EveryPrefixIsRefused) {
  const std::string& file = GetParam();
  EXPECT_NO_THROW((void)read(file));
  for (std::size_t length = 0; length < file.size(); ++length)
    EXPECT_THROW((void)read(file.substr(0, length)), Error) << length;
}

TEST_P(WholePicture, DamageIsAnErrorOrAnotherPicture) {
  test::read_damaged(GetParam(), 2000, [](const std::string& file) { (void)read(file); });
}

INSTANTIATE_TEST_SUITE_P(All, WholePicture,
                         ::testing::Values("P6 1 2 255\nabcdef", png(2, 2, 8, 0, "abcd", 2),
                                           jpeg({80}), jpeg({80, -80, 7}), jpeg({80}, true),
                                           jpeg({80, -80, 7}, true)),
                         [](const auto& row) { return std::to_string(row.index); });

}  // namespace
}  // namespace octet
