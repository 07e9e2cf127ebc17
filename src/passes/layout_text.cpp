#include "passes/layout_text.hpp"

#include <algorithm>
#include <charconv>

namespace octet {
namespace {

constexpr std::size_t kMostTold = 2;  // layouts of one operator

std::string to_text(const LayoutInfo& layout) {
  if (!layout.milliseconds) return layout.layout;
  char number[32];
  const auto end = std::to_chars(std::begin(number), std::end(number), *layout.milliseconds,
                                 std::chars_format::general, 4)
                       .ptr;
  return layout.layout + (layout.is_bound ? '>' : '=') + std::string(number, end);
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(separator, at), text.size());
    parts.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return parts;
}

std::optional<LayoutInfo> parse_layout_info(std::string_view text) {
  const std::size_t name_end = std::min(text.find_first_of("=>"), text.size());
  LayoutInfo layout{std::string(text.substr(0, name_end)), std::nullopt, false};
  if (name_end == text.size()) return layout;
  layout.is_bound = text[name_end] == '>';
  const std::string_view number = text.substr(name_end + 1);
  double milliseconds = 0.0;
  const auto [end, error] =
      std::from_chars(number.data(), number.data() + number.size(), milliseconds);
  if (error != std::errc() || end != number.data() + number.size() || !(milliseconds >= 0.0))
    return std::nullopt;
  layout.milliseconds = milliseconds;
  return layout;
}

std::optional<std::size_t> option_of(const LayoutChoices& choices, const std::string& name) {
  for (std::size_t option = 0; option < choices.options.size(); ++option)
    if (to_string(choices.options[option]) == name) return option;
  return std::nullopt;
}

}  // namespace

std::string to_text(const FoundLayouts& found) {
  std::string text;
  for (const std::vector<LayoutInfo>& layouts : found.layouts) {
    if (!text.empty()) text += ' ';
    for (std::size_t i = 0; i < std::min(layouts.size(), kMostTold); ++i)
      text += (i == 0 ? "" : ",") + to_text(layouts[i]);
  }
  return text;
}

std::optional<FoundLayouts> parse_layouts(std::string_view text,
                                          std::span<const LayoutChoices> choices) {
  const std::vector<std::string_view> words = split(text, ' ');
  if (words.size() != choices.size()) return std::nullopt;
  FoundLayouts found;
  for (std::size_t i = 0; i < words.size(); ++i) {
    std::vector<LayoutInfo>& layouts = found.layouts.emplace_back();
    for (const std::string_view part : split(words[i], ',')) {
      const auto layout = parse_layout_info(part);
      if (!layout || !option_of(choices[i], layout->layout)) return std::nullopt;
      layouts.push_back(*layout);
    }
    found.options.push_back(*option_of(choices[i], layouts.front().layout));
  }
  return found;
}

}  // namespace octet
