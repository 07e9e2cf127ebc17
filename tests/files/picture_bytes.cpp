#include "files/picture_bytes.hpp"

#include <cstdlib>

namespace octet::test {
namespace {

std::string big_endian(std::uint32_t value, int bytes) {
  std::string out;
  while (bytes-- > 0) out += static_cast<char>(value >> (8 * bytes) & 0xff);
  return out;
}

std::uint32_t crc_32(const std::string& bytes) {
  std::uint32_t value = 0xffffffffu;
  for (const char byte : bytes) {
    value ^= static_cast<unsigned char>(byte);
    for (int bit = 0; bit < 8; ++bit) value = value >> 1 ^ (value & 1 ? 0xedb88320u : 0u);
  }
  return ~value;
}

std::string chunk(const std::string& type, const std::string& content) {
  return big_endian(static_cast<std::uint32_t>(content.size()), 4) + type + content +
         big_endian(crc_32(type + content), 4);
}

// A zlib stream of one stored block.
std::string stored(const std::string& content) {
  const auto length = static_cast<std::uint32_t>(content.size());
  const std::string lengths{static_cast<char>(length & 0xff), static_cast<char>(length >> 8),
                            static_cast<char>(~length & 0xff),
                            static_cast<char>(~length >> 8 & 0xff)};
  return "\x78\x01\x01" + lengths + content + big_endian(0, 4);
}

std::string segment(char marker, const std::string& content) {
  const auto length = static_cast<std::uint32_t>(content.size() + 2);
  return std::string("\xff") + marker + big_endian(length, 2) + content;
}

// Bits, most significant first, with a zero stuffed after each 0xff.
class BitWriter {
 public:
  void put(unsigned value, int count) {
    while (count-- > 0) {
      byte_ = byte_ << 1 | (value >> count & 1u);
      if (++filled_ < 8) continue;
      out_ += static_cast<char>(byte_);
      if (byte_ == 0xff) out_ += '\0';
      byte_ = 0;
      filled_ = 0;
    }
  }
  std::string finish() {
    while (filled_ != 0) put(1, 1);
    return out_;
  }

 private:
  std::string out_;
  unsigned byte_ = 0;
  int filled_ = 0;
};

int bits_of(int value) {
  int bits = 0;
  for (int rest = std::abs(value); rest > 0; rest >>= 1) ++bits;
  return bits;
}

}  // namespace

std::string png(std::uint32_t width, std::uint32_t height, int depth, int colour,
                const std::string& rows, std::size_t bytes_per_row, const std::string& palette) {
  std::string filtered;
  for (std::size_t at = 0; at < rows.size(); at += bytes_per_row)
    filtered += '\0' + rows.substr(at, bytes_per_row);
  const std::string header = big_endian(width, 4) + big_endian(height, 4) +
                             static_cast<char>(depth) + static_cast<char>(colour) +
                             std::string(3, '\0');
  return "\x89PNG\r\n\x1a\n" + chunk("IHDR", header) +
         (palette.empty() ? "" : chunk("PLTE", palette)) + chunk("IDAT", stored(filtered)) +
         chunk("IEND", "");
}

std::string jpeg(const std::vector<int>& dc, bool progressive) {
  const auto count = static_cast<char>(dc.size());
  std::string frame{"\x08\x00\x08\x00\x08", 5}, scan;
  frame += count;
  scan += count;
  for (char id = 1; id <= count; ++id) {
    frame += std::string{id, '\x11', '\0'};
    scan += std::string{id, '\0'};
  }
  scan += std::string{'\0', progressive ? '\0' : '\x3f', '\0'};
  // Twelve codes of four bits for the sizes of the DC values; the code 0 ends each block's AC part.
  std::string dc_table(1, '\0'), ac_table(1, '\x10');
  for (int length = 1; length <= 16; ++length) {
    dc_table += length == 4 ? '\x0c' : '\0';
    ac_table += length == 1 ? '\x01' : '\0';
  }
  for (char size = 0; size < 12; ++size) dc_table += size;
  ac_table += '\0';

  BitWriter bits;
  for (const int value : dc) {
    const int size = bits_of(value);
    bits.put(static_cast<unsigned>(size), 4);
    bits.put(static_cast<unsigned>(value < 0 ? value + (1 << size) - 1 : value), size);
    if (!progressive) bits.put(0, 1);
  }
  return "\xff\xd8" + segment('\xdb', '\0' + std::string(64, '\x01')) +
         segment(progressive ? '\xc2' : '\xc0', frame) + segment('\xc4', dc_table) +
         segment('\xc4', ac_table) + segment('\xda', scan) + bits.finish() + "\xff\xd9";
}

}  // namespace octet::test
