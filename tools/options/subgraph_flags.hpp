// Options about sub-graphs that another engine runs.
#pragma once

#include <octet/options.hpp>

#include "cli/option_table.hpp"

namespace octet::tools {

struct SubgraphFlags {
  bool tensorrt = false;
  std::string tensorrt_cache;
  std::string subgraph_engine;
  std::size_t subgraph_min_nodes = SessionOptions{}.subgraph_min_nodes;
};

const OptionGroup<SubgraphFlags>& subgraph_group();

// Throws Error(invalid_argument) where one option asks for what another one must allow.
void apply(const SubgraphFlags& flags, SessionOptions& options);

}  // namespace octet::tools
