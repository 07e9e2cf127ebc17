// What the layout passes ask about operators; each target answers in its own way.
#pragma once

#include <functional>
#include <string>

#include "ir/graph.hpp"

namespace octet {

// fixed   : the operator needs its rank-4 operands in the default layout
// follows : works in any layout that its rank-4 operands share
// wants   : is to work in `layout`, and to give `output`
struct LayoutAnswer {
  enum class Kind : std::uint8_t { fixed, follows, wants };

  Kind kind = Kind::fixed;
  Layout layout, output;              // with `wants`
  std::vector<std::size_t> operands;  // with `wants`: the inputs that are to have the layout

  static LayoutAnswer fixed() { return {}; }
  static LayoutAnswer follows() { return {Kind::follows, {}, {}, {}}; }
  static LayoutAnswer wants(Layout layout, std::vector<std::size_t> operands) {
    return changes(layout, layout, std::move(operands));
  }
  static LayoutAnswer changes(Layout layout, Layout output, std::vector<std::size_t> operands) {
    return {Kind::wants, layout, output, std::move(operands)};
  }
};

struct LayoutPolicy {
  std::string name;
  // The answer must not depend on the layouts that values have when it is asked.
  std::function<LayoutAnswer(const Graph&, const Node&)> ask;
  // Whether the node may read one layout and write another, so that a relayout beside it costs
  // nothing.
  std::function<bool(const Graph&, const Node&)> converts;
};

}  // namespace octet
