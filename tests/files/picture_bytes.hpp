// Small pictures made byte by byte.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace octet::test {

// `rows` are the pixels without filter bytes. Colour type 0 grey, 2 RGB, 3 indices of the palette's
// colours, 4 grey and alpha, 6 RGBA. The pixels are stored, not compressed; that stream's own
// checksum is 0, which readers may ignore.
std::string png(std::uint32_t width, std::uint32_t height, int depth, int colour,
                const std::string& rows, std::size_t bytes_per_row,
                const std::string& palette = {});

// A JPEG of 8 x 8 pixels, 1 or 3 components (YCbCr) without subsampling, each of them flat with the
// value 128 + dc / 8; baseline or progressive (one scan of the flat parts alone).
std::string jpeg(const std::vector<int>& dc, bool progressive = false);

}  // namespace octet::test
