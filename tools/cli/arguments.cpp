#include "cli/arguments.hpp"

#include <algorithm>
#include <numeric>

namespace octet::tools {
namespace {

// Insertions, deletions and replacements between two words.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row[b.size()];
}

}  // namespace

std::vector<std::string> normalise(std::vector<std::string> arguments,
                                   const std::vector<std::string>& known) {
  for (std::string& argument : arguments) {
    if (argument == "--") break;
    if (argument.size() < 3 || argument[0] != '-') continue;
    const std::size_t name_end = std::min(argument.find('='), argument.size());
    std::string name = argument.substr(0, name_end);
    std::replace(name.begin(), name.end(), '_', '-');
    if (name[1] != '-') name.insert(0, 1, '-');
    if (std::find(known.begin(), known.end(), name) != known.end())
      argument.replace(0, name_end, name);
  }
  return arguments;
}

std::optional<std::string> nearest(std::string_view word,
                                   const std::vector<std::string>& candidates) {
  std::optional<std::string> best;
  std::size_t best_distance = std::max<std::size_t>(word.size() / 3, 1) + 1;
  for (const std::string& candidate : candidates) {
    const std::size_t distance = edit_distance(word, candidate);
    if (distance < best_distance) {
      best_distance = distance;
      best = candidate;
    }
  }
  return best;
}

}  // namespace octet::tools
