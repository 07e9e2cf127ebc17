// Binary PGM (P5) and PPM (P6) pictures as Netpbm describes them.
#include <charconv>
#include <octet/status.hpp>
#include <string_view>

#include "base/format.hpp"
#include "base/limits.hpp"
#include "formats/tensors/picture.hpp"

namespace octet {
namespace {

constexpr std::uint32_t kMostSample = 65535;

bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

// Width, height and maxval, each after blanks and comments (from '#' to the end of the line), then
// exactly one blank.
class PnmHeader {
 public:
  PnmHeader(std::string_view text, const std::string& where) : text_(text), where_(where) {
    text_.remove_prefix(2);  // P5 or P6
  }

  std::int64_t number(const char* what) {
    const bool separated = skip_blanks_and_comments();
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text_.data(), text_.data() + text_.size(), value);
    if (error == std::errc::invalid_argument || value < 0 || !separated)
      fail(concat("the ", what, " is not a number"));
    if (error != std::errc() || value > limits::kExtent)
      throw Error(StatusCode::resource_exhausted,
                  concat("the picture's ", what, " is above ", limits::kExtent), where_);
    text_.remove_prefix(static_cast<std::size_t>(end - text_.data()));
    return value;
  }

  std::string_view samples() {
    if (text_.empty() || !is_blank(text_[0])) fail("no blank follows the maxval");
    return text_.substr(1);
  }

  [[noreturn]] void fail(const std::string& what) const {
    throw Error(StatusCode::invalid_input, "the PNM picture is broken: " + what, where_);
  }

 private:
  bool skip_blanks_and_comments() {
    const std::size_t before = text_.size();
    while (!text_.empty()) {
      if (is_blank(text_[0])) {
        text_.remove_prefix(1);
      } else if (text_[0] == '#') {
        const std::size_t end = text_.find_first_of("\n\r");
        if (end == std::string_view::npos) fail("a comment does not end");
        text_.remove_prefix(end);
      } else {
        break;
      }
    }
    return text_.size() != before;
  }

  std::string_view text_;
  const std::string& where_;
};

std::uint32_t sample_at(std::string_view samples, std::size_t index, bool two_bytes) {
  const auto byte = [&](std::size_t i) -> std::uint32_t {
    return static_cast<std::uint8_t>(samples[i]);
  };
  return two_bytes ? byte(2 * index) << 8 | byte(2 * index + 1) : byte(index);
}

}  // namespace

bool is_pnm(std::span<const std::byte> bytes) noexcept {
  if (bytes.size() < 2 || bytes[0] != std::byte{'P'}) return false;
  return bytes[1] >= std::byte{'1'} && bytes[1] <= std::byte{'7'};
}

Picture read_pnm(std::span<const std::byte> bytes, const std::string& where) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (text[1] != '5' && text[1] != '6')
    throw Error(StatusCode::unsupported,
                concat("the picture is of the PNM kind P", text[1], "; readable are P5 and P6"),
                where, "convert it to binary PGM or PPM");

  PnmHeader header(text, where);
  Picture picture;
  picture.channels = text[1] == '6' ? 3 : 1;
  picture.width = header.number("width");
  picture.height = header.number("height");
  check_picture_size(picture.width, picture.height, where);
  const std::int64_t most = header.number("maxval");
  if (most < 1 || most > kMostSample)
    header.fail(concat("the maxval ", most, " is not within 1 and ", kMostSample));

  const bool two_bytes = most > 255;
  const auto count = static_cast<std::size_t>(picture.width * picture.height * picture.channels);
  const std::size_t needed = two_bytes ? 2 * count : count;
  const std::string_view samples = header.samples();
  if (samples.size() < needed)
    header.fail(concat("its pixels need ", needed, " bytes, but ", samples.size(), " are there"));
  if (samples.size() > needed)
    header.fail(concat(samples.size() - needed, " bytes follow the pixels"));

  picture.samples.resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint32_t sample = sample_at(samples, i, two_bytes);
    if (sample > most) header.fail(concat("a sample is ", sample, ", above the maxval ", most));
    picture.samples[i] = rescale_sample(sample, static_cast<std::uint32_t>(most));
  }
  return picture;
}

}  // namespace octet
