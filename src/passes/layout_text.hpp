// What was chosen for a graph, as a line of text that a file can keep.
#pragma once

#include <optional>

#include "passes/layout_search.hpp"

namespace octet {

// For each choice a word: the chosen layout and, where there is one, the next fastest, with
// milliseconds behind '=', or behind '>' where only a bound is known: "NHWC4=0.025,NCHW32>0.04".
std::string to_text(const FoundLayouts& found);

// The same from a text, which may come from a damaged file; nothing where it does not fit the
// choices. Sums and counts are not in it.
std::optional<FoundLayouts> parse_layouts(std::string_view text,
                                          std::span<const LayoutChoices> choices);

}  // namespace octet
