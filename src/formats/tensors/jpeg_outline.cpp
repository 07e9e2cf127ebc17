#include <octet/status.hpp>

#include "base/format.hpp"
#include "formats/tensors/picture.hpp"
#include "formats/tensors/picture_outline.hpp"

namespace octet {
namespace {

constexpr int kMostScans = 100;
constexpr unsigned kMostCodes = 256;
constexpr int kBlockPixels = 64;
constexpr unsigned kHuffmanTables = 0xc4, kEndOfImage = 0xd9, kStartOfScan = 0xda;

// Start of a frame, in whatever coding; 0xc4, 0xc8 and 0xcc lie between but mean other things.
bool is_frame(unsigned marker) {
  return marker >= 0xc0 && marker <= 0xcf && marker != kHuffmanTables && marker != 0xc8 &&
         marker != 0xcc;
}

class Walker {
 public:
  Walker(std::span<const std::byte> bytes, const std::string& where)
      : bytes_(bytes), where_(where) {}

  PictureOutline walk() {
    at_ = 2;  // past the start-of-image marker
    for (unsigned marker = next_marker(); marker != kEndOfImage; marker = next_marker()) {
      const std::size_t end = segment_end();
      if (is_frame(marker)) read_frame();
      if (marker == kHuffmanTables) check_huffman_tables(end);
      at_ = end;
      if (marker == kStartOfScan) skip_scan();
    }
    if (outline_.height == 0) fail("it has no frame");
    // Every block of the finest component takes at least one bit.
    if (outline_.width * outline_.height / kBlockPixels > 8 * scan_bytes_)
      fail("its pixels are missing");
    return outline_;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw Error(StatusCode::invalid_input, "the JPEG picture is broken: " + what, where_);
  }

  unsigned byte() {
    if (at_ >= bytes_.size()) fail("it ends early");
    return std::to_integer<unsigned>(bytes_[at_++]);
  }
  unsigned two_bytes() {
    const unsigned high = byte();
    return high << 8 | byte();
  }

  unsigned next_marker() {
    if (byte() != 0xff) fail("a marker is expected where there is none");
    unsigned marker = byte();
    while (marker == 0xff) marker = byte();  // fill bytes
    return marker;
  }

  std::size_t segment_end() {
    const std::size_t start = at_;
    const std::size_t end = start + two_bytes();
    if (end < at_) fail("a segment is shorter than its length");
    if (end > bytes_.size()) fail("it ends early");
    return end;
  }

  void read_frame() {
    if (outline_.height != 0) fail("it has two frames");
    byte();  // bits per sample
    outline_.height = two_bytes();
    outline_.width = two_bytes();
    check_picture_size(outline_.width, outline_.height, where_);
  }

  void check_huffman_tables(std::size_t end) {
    while (at_ < end) {
      byte();  // class and number
      unsigned codes = 0;
      for (int length = 1; length <= 16; ++length) codes += byte();
      if (codes > kMostCodes) fail(concat("a Huffman table has ", codes, " codes"));
      at_ += codes;
    }
    if (at_ != end) fail("a Huffman table ends early");
  }

  // Up to the next marker that is neither a stuffed zero nor a restart.
  void skip_scan() {
    if (++scans_ > kMostScans)
      throw Error(StatusCode::resource_exhausted,
                  concat("the JPEG picture has more than ", kMostScans, " scans"), where_);
    const std::size_t start = at_;
    for (;;) {
      if (byte() != 0xff) continue;
      unsigned marker = byte();
      while (marker == 0xff) marker = byte();
      if (marker == 0 || (marker >= 0xd0 && marker <= 0xd7)) continue;
      at_ -= 2;
      scan_bytes_ += static_cast<std::int64_t>(at_ - start);
      return;
    }
  }

  std::span<const std::byte> bytes_;
  const std::string& where_;
  PictureOutline outline_;
  int scans_ = 0;
  std::int64_t scan_bytes_ = 0;
  std::size_t at_ = 0;
};

}  // namespace

PictureOutline check_jpeg_outline(std::span<const std::byte> bytes, const std::string& where) {
  return Walker(bytes, where).walk();
}

}  // namespace octet
