#include "files/picture_bytes.hpp"
#include "malformed/bad_files.hpp"

namespace octet::test {
namespace {

constexpr auto kInput = StatusCode::invalid_input;
constexpr auto kUnsupported = StatusCode::unsupported;
constexpr auto kLimit = StatusCode::resource_exhausted;

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

std::string changed_byte(std::string bytes, std::size_t at) {
  bytes[at] = static_cast<char>(bytes[at] ^ 1);
  return bytes;
}

}  // namespace

std::vector<BadCase> bad_pnm_files() {
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
  };
}

std::vector<BadCase> bad_png_files() {
  const std::string good_png = png(2, 1, 8, 0, "ab", 2);
  return {
      {"header_only", good_png.substr(0, 8), kInput, "it ends early"},
      {"no_pixels", good_png.substr(0, 40), kInput, "it ends early"},
      {"cut", good_png.substr(0, good_png.size() - 13), kInput, "it ends early"},
      {"no_size", good_png.substr(0, 8) + good_png.substr(33), kInput, "begin with its size"},
      {"missing_rows", png(2, 2, 8, 0, "ab", 2), kInput, "cannot be decoded"},
      {"depth", png(2, 1, 7, 0, "ab", 2), kInput, "cannot be decoded"},
      {"colour", png(2, 1, 8, 5, "ab", 2), kInput, "cannot be decoded"},
      {"width_zero", png(0, 1, 8, 0, "ab", 2), kInput, "0 x 1 pixels"},
      {"bomb", png(8192, 8193, 8, 0, "ab", 2), kLimit, "the limit is 67108864 pixels"},
      {"no_palette", png(2, 1, 8, 3, "ab", 2), kInput, "it has no palette"},
      {"palette_of_parts", png(2, 1, 8, 3, std::string(2, '\0'), 2, "abcd"), kInput, "palette"},
      {"colour_behind_the_palette", png(2, 1, 8, 3, std::string("\0\2", 2), 2, "abcdef"), kInput,
       "none of the picture's 2 colours"},
      {"checksum", changed_byte(good_png, good_png.size() - 20), kInput, "checksum"},
      {"claims_more", png(8000, 8000, 8, 2, "ab", 2), kInput, "its pixels are missing"},
  };
}

std::vector<BadCase> bad_jpeg_files() {
  const std::string good_jpeg = jpeg({80});
  std::string no_start = good_jpeg;
  no_start[2] = '\0';
  std::string short_segment = good_jpeg;
  short_segment[5] = '\1';
  std::string early_length = good_jpeg;
  early_length[4] = '\x7f';
  return {
      {"header_only", good_jpeg.substr(0, 4), kInput, "it ends early"},
      {"no_marker", no_start, kInput, "not a PGM"},
      {"cut", good_jpeg.substr(0, good_jpeg.size() - 2), kInput, "it ends early"},
      {"segment_length", short_segment, kInput, "shorter than its length"},
      {"segment_too_long", early_length, kInput, "it ends early"},
      {"no_frame", "\xff\xd8\xff\xd9", kInput, "it has no frame"},
      {"two_frames", repeat_segment(good_jpeg, '\xc0', 1), kInput, "it has two frames"},
      {"huffman_codes", patched(good_jpeg, '\xc4', 5, "\xff\xff"), kInput, "codes"},
      {"huffman_length", patched(good_jpeg, '\xc4', 5, "\x01"), kInput, "ends early"},
      {"width_zero", patched(good_jpeg, '\xc0', 7, std::string(2, '\0')), kInput, "0 x 8"},
      {"bomb", patched(good_jpeg, '\xc0', 5, "\xff\xff\xff\xff"), kLimit, "the limit is"},
      {"claims_more", patched(good_jpeg, '\xc0', 5, "\x1f\xff\x1f\xff"), kInput, "missing"},
      {"scans", repeat_segment(good_jpeg, '\xda', 101), kLimit, "more than 100 scans"},
  };
}

}  // namespace octet::test
