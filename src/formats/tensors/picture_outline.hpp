// What can be known of a compressed picture without decoding it: enough to keep the decoder away
// from files that would make it read past its tables, work for long or fill a picture that is not
// there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace octet {

struct PictureOutline {
  std::int64_t width = 0, height = 0;
  // Of a PNG whose pixels are indices of colours: where its colours begin, and their bytes.
  std::size_t palette = 0, palette_bytes = 0;
};

// Both walk from the start of the file to its end marker, check the size (check_picture_size()) and
// that the compressed bytes can hold that many pixels at the format's best compression.
// A PNG's chunks must have their checksums.
// Throw Error: invalid_input when a part is broken or missing, resource_exhausted past a limit.
PictureOutline check_png_outline(std::span<const std::byte> bytes, const std::string& where);
// The same PNG with a palette of 256 colours: those that it lacks have `fill` in each channel. The
// checksum of the palette is not made anew.
std::vector<std::byte> with_whole_palette(std::span<const std::byte> bytes,
                                          const PictureOutline& outline, std::byte fill);
// Besides: Huffman tables of at most 256 codes, at most 100 scans (each is a pass over the
// picture).
PictureOutline check_jpeg_outline(std::span<const std::byte> bytes, const std::string& where);

}  // namespace octet
