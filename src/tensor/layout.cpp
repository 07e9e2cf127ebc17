#include <array>
#include <charconv>
#include <octet/tensor.hpp>

namespace octet {

std::string to_string(const Layout& layout) {
  std::string text(layout.order.begin(), layout.order.end());
  if (layout.vector > 1) text += std::to_string(layout.vector);
  return text;
}

std::optional<Layout> parse_layout(std::string_view text) {
  for (const Layout& layout : {kNCHW, kNHWC, kNHWC4, kNCHW4, kNCHW32, kNCHW64, kCHWN4})
    if (to_string(layout) == text) return layout;
  return std::nullopt;
}

std::int64_t offset_of(const TensorType& type, std::int64_t n, std::int64_t c, std::int64_t h,
                       std::int64_t w) noexcept {
  const Shape& s = type.shape;
  const std::int64_t vector = type.layout.vector;
  std::int64_t offset = 0;
  for (const char axis : type.layout.order) {
    switch (axis) {
      case 'N': offset = offset * s[0] + n; break;
      case 'C': offset = offset * ((s[1] + vector - 1) / vector) + c / vector; break;
      case 'H': offset = offset * s[2] + h; break;
      default: offset = offset * s[3] + w; break;
    }
  }
  return offset * vector + c % vector;
}

}  // namespace octet
