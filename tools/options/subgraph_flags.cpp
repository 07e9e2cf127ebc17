#include "options/subgraph_flags.hpp"

#include "base/format.hpp"
#include "cli/program.hpp"

namespace octet::tools {
namespace {

// What MegEngine says of its engines, in the words of ours. Only foreign engines take long enough
// for a line before.
void report(const SubgraphBuild& build) {
  if (!build.done && build.engine != "native")
    note(concat("sub-graph ", build.name, ": ", build.engine, " builds an engine for ",
                build.operators, " operators"));
  if (!build.done) return;
  std::ostringstream milliseconds;
  milliseconds.precision(2);
  milliseconds << std::fixed << build.milliseconds;
  note(concat("sub-graph ", build.name, ": ", build.engine,
              build.from_cache ? " engine load time " : " engine build time ", milliseconds.str(),
              " ms"));
}

}  // namespace

const OptionGroup<SubgraphFlags>& subgraph_group() {
  static const OptionGroup<SubgraphFlags> group{
      "Sub-graphs (octet partition shows them)",
      {
          {"--tensorrt", "", &SubgraphFlags::tensorrt, "run what TensorRT can run by TensorRT"},
          {"--subgraph-engine", "NAME", &SubgraphFlags::subgraph_engine,
           "what runs sub-graphs: tensorrt or native (Octet's own kernels; with --tensorrt the "
           "sub-graphs that TensorRT would get)"},
          {"--subgraph-min-nodes", "N", &SubgraphFlags::subgraph_min_nodes,
           "the fewest operators that are worth a sub-graph (default 10)"},
          {"--tensorrt-cache", "FILE", &SubgraphFlags::tensorrt_cache,
           "keep built engines in this file and take them from it"},
      }};
  return group;
}

void apply(const SubgraphFlags& flags, SessionOptions& options) {
  options.subgraph_engine = flags.subgraph_engine;
  if (flags.tensorrt) {
    options.subgraph_rules = "tensorrt";
    if (options.subgraph_engine.empty()) options.subgraph_engine = "tensorrt";
  }
  if (!flags.tensorrt_cache.empty() && options.subgraph_engine.empty())
    throw Error(StatusCode::invalid_argument,
                "--tensorrt-cache keeps engines of sub-graphs, and none were asked for", {},
                "give --tensorrt or --subgraph-engine too");
  options.subgraph_cache = flags.tensorrt_cache;
  options.subgraph_min_nodes = flags.subgraph_min_nodes;
  options.on_subgraph = report;
}

}  // namespace octet::tools
