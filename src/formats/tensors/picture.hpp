// Pictures: PNM, PNG and JPEG files as bytes per channel.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace octet {

// Rows from the top, pixels from the left, the channels of a pixel side by side in the file's order
// (1 grey, 2 grey and alpha, 3 RGB, 4 RGB and alpha). Each sample is a byte; a file with another
// range of samples is rescaled to 0..255 and rounded to the nearest.
struct Picture {
  std::int64_t height = 0, width = 0, channels = 0;
  std::vector<std::uint8_t> samples;
};

// Throws Error: invalid_input for broken bytes, unsupported for other kinds of picture,
// resource_exhausted above limits::kImagePixels. `where` names the file. The bytes themselves tell
// the kind of picture. Nothing of the size that a header claims is touched before its payload is
// there.
Picture read_picture(std::span<const std::byte> bytes, const std::string& where);
Picture read_picture_file(const std::string& path);  // throws Error(io_error) too

// The readers of each kind, and what they share.
bool is_pnm(std::span<const std::byte> bytes) noexcept;
Picture read_pnm(std::span<const std::byte> bytes, const std::string& where);
bool is_png(std::span<const std::byte> bytes) noexcept;
bool is_jpeg(std::span<const std::byte> bytes) noexcept;
Picture read_png_or_jpeg(std::span<const std::byte> bytes, const std::string& where);
// Throws unless both extents are at least 1 and their product is within the limit.
void check_picture_size(std::int64_t width, std::int64_t height, const std::string& where);

// value * 255 / most, rounded to nearest; value <= most.
constexpr std::uint8_t rescale_sample(std::uint32_t value, std::uint32_t most) noexcept {
  return static_cast<std::uint8_t>((value * 255 + most / 2) / most);
}

}  // namespace octet
