// A table for the terminal: columns as wide as their content, numbers to the right.
#pragma once

#include <string>
#include <vector>

namespace octet {

class TextTable {
 public:
  enum class Align { left, right };
  struct Column {
    std::string title;
    Align align = Align::left;
  };

  explicit TextTable(std::vector<Column> columns) : columns_(std::move(columns)) {}
  // As many cells as there are columns; missing ones are empty.
  void add_row(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  // A title line, a line of dashes, the rows; every line ends with '\n'.
  std::string to_string() const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

// "12.345": a number with this many digits after the point.
std::string fixed(double value, int digits = 3);
// "1.50 GiB", "12 B"
std::string human_bytes(std::size_t bytes);
// "1.82 G", "35"
std::string human_count(double count);

}  // namespace octet
