// What can be known of a compressed picture without decoding it: enough to keep the decoder away
// from files that would make it read past its tables, work for long or fill a picture that is not
// there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace octet {

struct PictureOutline {
  std::int64_t width = 0, height = 0;
};

// Both walk from the start of the file to its end marker, check the size (check_picture_size()) and
// that the compressed bytes can hold that many pixels at the format's best compression.
// Throw Error: invalid_input when a part is broken or missing, resource_exhausted past a limit.
PictureOutline check_png_outline(std::span<const std::byte> bytes, const std::string& where);
// Besides: Huffman tables of at most 256 codes, at most 100 scans (each is a pass over the
// picture).
PictureOutline check_jpeg_outline(std::span<const std::byte> bytes, const std::string& where);

}  // namespace octet
