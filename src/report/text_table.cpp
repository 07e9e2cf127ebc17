#include "report/text_table.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace octet {
namespace {

std::string padded(const std::string& text, std::size_t width, TextTable::Align align) {
  const std::string blanks(width - text.size(), ' ');
  return align == TextTable::Align::left ? text + blanks : blanks + text;
}

template <std::size_t kUnits>
std::string scaled(double value, double base, const std::array<const char*, kUnits>& units) {
  std::size_t unit = 0;
  while (value >= base && unit + 1 < units.size()) {
    value /= base;
    ++unit;
  }
  return fixed(value, unit == 0 ? 0 : 2) + units[unit];
}

}  // namespace

std::string TextTable::to_string() const {
  std::vector<std::size_t> widths;
  for (const Column& column : columns_) widths.push_back(column.title.size());
  for (const auto& row : rows_)
    for (std::size_t c = 0; c < std::min(row.size(), widths.size()); ++c)
      widths[c] = std::max(widths[c], row[c].size());

  std::string text;
  const auto line = [&](const auto& cell_of) {
    std::string out;
    for (std::size_t c = 0; c < columns_.size(); ++c)
      out += (c == 0 ? "" : "  ") + padded(cell_of(c), widths[c], columns_[c].align);
    out.erase(out.find_last_not_of(' ') + 1);
    text += out + '\n';
  };
  line([&](std::size_t c) { return columns_[c].title; });
  line([&](std::size_t c) { return std::string(widths[c], '-'); });
  for (const auto& row : rows_)
    line([&](std::size_t c) { return c < row.size() ? row[c] : std::string(); });
  return text;
}

std::string fixed(double value, int digits) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.*f", digits, value);
  return text.data();
}

std::string human_bytes(std::size_t bytes) {
  return scaled(static_cast<double>(bytes), 1024.0,
                std::array{" B", " KiB", " MiB", " GiB", " TiB"});
}

std::string human_count(double count) {
  return scaled(count, 1000.0, std::array{"", " k", " M", " G", " T"});
}

}  // namespace octet
