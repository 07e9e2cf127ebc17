#include <octet/status.hpp>
#include <string_view>

#include "base/format.hpp"
#include "formats/tensors/picture.hpp"
#include "formats/tensors/picture_outline.hpp"

namespace octet {
namespace {

constexpr std::int64_t kBestDeflateRatio = 1032;
constexpr std::size_t kSignatureBytes = 8;

std::uint32_t big_endian(std::span<const std::byte> bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i)
    value = value << 8 | std::to_integer<std::uint32_t>(bytes[at + i]);
  return value;
}

}  // namespace

PictureOutline check_png_outline(std::span<const std::byte> bytes, const std::string& where) {
  const auto fail = [&](const std::string& what) {
    throw Error(StatusCode::invalid_input, "the PNG picture is broken: " + what, where);
  };
  PictureOutline outline;
  std::int64_t compressed = 0;
  std::size_t at = kSignatureBytes;
  // A chunk: length, type, content, checksum.
  for (std::string_view type; type != "IEND";) {
    if (bytes.size() - at < 8) fail("it ends early");
    const std::size_t length = big_endian(bytes, at);
    type = {reinterpret_cast<const char*>(bytes.data() + at + 4), 4};
    if (bytes.size() - at - 8 < length + 4) fail("it ends early");
    if (at == kSignatureBytes) {
      if (type != "IHDR" || length != 13) fail("it does not begin with its size");
      outline = {big_endian(bytes, at + 8), big_endian(bytes, at + 12)};
      check_picture_size(outline.width, outline.height, where);
    }
    if (type == "IDAT") compressed += static_cast<std::int64_t>(length);
    at += 8 + length + 4;
  }
  // At the least a row has one bit for each pixel.
  const std::int64_t needed = outline.height * ((outline.width + 7) / 8 + 1);
  if (compressed < needed / kBestDeflateRatio) fail("its pixels are missing");
  return outline;
}

}  // namespace octet
