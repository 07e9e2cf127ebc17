// PNG and JPEG through stb_image, whose code is compiled here and nowhere else.
#include <limits>
#include <memory>
#include <octet/status.hpp>

#include "base/format.hpp"
#include "formats/tensors/picture.hpp"
#include "formats/tensors/picture_outline.hpp"

#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_STATIC
#define STBI_ONLY_PNG
#define STBI_ONLY_JPEG
#define STBI_NO_STDIO
#define STBI_ASSERT(condition) static_cast<void>(0)  // a library does not abort on a file's bytes
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wall"
#pragma GCC diagnostic ignored "-Wextra"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wold-style-cast"
#pragma GCC diagnostic ignored "-Wcast-align"
#pragma GCC diagnostic ignored "-Wunused-function"
#include <stb_image.h>
#pragma GCC diagnostic pop

namespace octet {
namespace {

bool starts_with(std::span<const std::byte> bytes, std::initializer_list<unsigned> start) {
  if (bytes.size() < start.size()) return false;
  std::size_t i = 0;
  for (const unsigned byte : start)
    if (std::to_integer<unsigned>(bytes[i++]) != byte) return false;
  return true;
}

[[noreturn]] void fail(const std::string& where) {
  const char* reason = stbi_failure_reason();
  throw Error(
      StatusCode::invalid_input,
      concat("the picture cannot be decoded: ", reason != nullptr ? reason : "broken bytes"),
      where);
}

[[noreturn]] void contradict(const std::string& where) {
  throw Error(StatusCode::invalid_input, "the picture contradicts its own header", where);
}

// Decodes into `picture`, whose size is known from the header. Alpha that a PNG makes of a marked
// colour is not a channel of the file and stays out.
template <typename Sample, typename Load>
void decode(Load load, std::span<const std::byte> bytes, std::uint32_t most, Picture& picture,
            const std::string& where) {
  int width = 0, height = 0, channels = 0;
  const std::unique_ptr<Sample, decltype(&stbi_image_free)> samples(
      load(reinterpret_cast<const stbi_uc*>(bytes.data()), static_cast<int>(bytes.size()), &width,
           &height, &channels, static_cast<int>(picture.channels)),
      stbi_image_free);
  if (samples == nullptr) fail(where);
  if (width != picture.width || height != picture.height) contradict(where);
  const auto count = static_cast<std::size_t>(picture.width * picture.height * picture.channels);
  picture.samples.resize(count);
  for (std::size_t i = 0; i < count; ++i)
    picture.samples[i] = rescale_sample(samples.get()[i], most);
}

// stb_image does not compare indices with the palette: one behind its end would be whatever lies
// there. So the palette is made whole, twice and with other colours, which then must not show.
Picture decode_indexed(std::span<const std::byte> bytes, const PictureOutline& outline,
                       Picture picture, const std::string& where) {
  Picture other = picture;
  for (const auto& [into, fill] :
       {std::pair{&picture, std::byte{0}}, std::pair{&other, std::byte{255}}})
    decode<stbi_uc>(stbi_load_from_memory, with_whole_palette(bytes, outline, fill), 255, *into,
                    where);
  if (picture.samples != other.samples)
    throw Error(StatusCode::invalid_input,
                concat("a pixel has none of the picture's ", outline.palette_bytes / 3, " colours"),
                where);
  return picture;
}

}  // namespace

bool is_png(std::span<const std::byte> bytes) noexcept {
  return starts_with(bytes, {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'});
}

bool is_jpeg(std::span<const std::byte> bytes) noexcept {
  return starts_with(bytes, {0xff, 0xd8, 0xff});
}

Picture read_png_or_jpeg(std::span<const std::byte> bytes, const std::string& where) {
  if (bytes.size() > std::numeric_limits<int>::max())
    throw Error(StatusCode::resource_exhausted, "the picture file is larger than 2 GiB", where);
  // Before stb_image sees a byte: it trusts the sizes of Huffman tables, and gives grey for what
  // is missing.
  const PictureOutline outline =
      is_png(bytes) ? check_png_outline(bytes, where) : check_jpeg_outline(bytes, where);
  const auto* data = reinterpret_cast<const stbi_uc*>(bytes.data());
  const int size = static_cast<int>(bytes.size());
  int width = 0, height = 0, channels = 0;
  if (stbi_info_from_memory(data, size, &width, &height, &channels) == 0) fail(where);
  if (width != outline.width || height != outline.height) contradict(where);

  Picture picture{height, width, channels, {}};
  if (outline.palette != 0) return decode_indexed(bytes, outline, std::move(picture), where);
  if (stbi_is_16_bit_from_memory(data, size) != 0)
    decode<stbi_us>(stbi_load_16_from_memory, bytes, 65535, picture, where);
  else decode<stbi_uc>(stbi_load_from_memory, bytes, 255, picture, where);
  return picture;
}

}  // namespace octet
