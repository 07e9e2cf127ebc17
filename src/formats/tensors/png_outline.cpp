#include <array>
#include <octet/status.hpp>
#include <string_view>

#include "base/format.hpp"
#include "formats/tensors/picture.hpp"
#include "formats/tensors/picture_outline.hpp"

namespace octet {
namespace {

constexpr std::int64_t kBestDeflateRatio = 1032;
constexpr std::size_t kSignatureBytes = 8;
constexpr std::size_t kMostPaletteBytes = 3 * 256;
constexpr unsigned kIndexed = 3;  // the colour type of a picture with a palette

std::uint32_t big_endian(std::span<const std::byte> bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i)
    value = value << 8 | std::to_integer<std::uint32_t>(bytes[at + i]);
  return value;
}

// CRC-32 as PNG has it (ISO 3309).
constexpr std::array<std::uint32_t, 256> make_checksum_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < table.size(); ++i) {
    std::uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) value = value >> 1 ^ (value & 1 ? 0xedb88320u : 0u);
    table[i] = value;
  }
  return table;
}

std::uint32_t checksum(std::span<const std::byte> bytes) {
  static constexpr auto kTable = make_checksum_table();
  std::uint32_t value = 0xffffffffu;
  for (const std::byte byte : bytes)
    value = value >> 8 ^ kTable[(value ^ std::to_integer<std::uint32_t>(byte)) & 0xff];
  return ~value;
}

}  // namespace

PictureOutline check_png_outline(std::span<const std::byte> bytes, const std::string& where) {
  const auto fail = [&](const std::string& what) {
    throw Error(StatusCode::invalid_input, "the PNG picture is broken: " + what, where);
  };
  PictureOutline outline;
  std::int64_t compressed = 0;
  bool is_indexed = false;
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
      is_indexed = std::to_integer<unsigned>(bytes[at + 17]) == kIndexed;
    }
    if (checksum(bytes.subspan(at + 4, 4 + length)) != big_endian(bytes, at + 8 + length))
      fail(concat("the checksum of its part ", type, " is wrong"));
    if (type == "PLTE" && is_indexed) {
      if (outline.palette != 0 || length == 0 || length % 3 != 0 || length > kMostPaletteBytes)
        fail("its palette is not one of 1 to 256 colours");
      outline.palette = at + 8;
      outline.palette_bytes = length;
    }
    if (type == "IDAT" && is_indexed && outline.palette == 0) fail("it has no palette");
    if (type == "IDAT") compressed += static_cast<std::int64_t>(length);
    at += 8 + length + 4;
  }
  // At the least a row has one bit for each pixel.
  const std::int64_t needed = outline.height * ((outline.width + 7) / 8 + 1);
  if (compressed < needed / kBestDeflateRatio) fail("its pixels are missing");
  return outline;
}

std::vector<std::byte> with_whole_palette(std::span<const std::byte> bytes,
                                          const PictureOutline& outline, std::byte fill) {
  const auto before = bytes.first(outline.palette - 8);
  const auto colours = bytes.subspan(outline.palette, outline.palette_bytes);
  std::vector<std::byte> whole(before.begin(), before.end());
  for (const std::size_t shift : {24u, 16u, 8u, 0u})
    whole.push_back(static_cast<std::byte>(kMostPaletteBytes >> shift & 0xff));
  for (const char letter : std::string_view("PLTE"))
    whole.push_back(static_cast<std::byte>(letter));
  whole.insert(whole.end(), colours.begin(), colours.end());
  whole.resize(before.size() + 8 + kMostPaletteBytes, fill);
  const auto rest = bytes.subspan(outline.palette + outline.palette_bytes);
  whole.insert(whole.end(), rest.begin(), rest.end());
  return whole;
}

}  // namespace octet
