// The words of a command line before CLI11 sees them, and help for misspelt ones.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace octet::tools {

// MegEngine's newer tool takes '_' for '-' in option names and one leading dash for two. Brings
// both to one form, for the options in `known` ("--warmup-iter"); values stay as they are.
std::vector<std::string> normalise(std::vector<std::string> arguments,
                                   const std::vector<std::string>& known);

// The candidate that is closest to the word, if any is close enough to be what was meant.
std::optional<std::string> nearest(std::string_view word,
                                   const std::vector<std::string>& candidates);

}  // namespace octet::tools
