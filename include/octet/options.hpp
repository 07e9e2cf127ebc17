// What a caller may ask of a session.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace octet {

// exact: only kernels that give the reference's bits. fast: also the fused epilogues of libraries,
// which may differ by one step on exact ties (docs/numerics.md).
enum class Numerics : std::uint8_t { exact, fast };

// Where the search for the fastest kernels is.
struct SearchProgress {
  // Operators of the plan that is being made; before that, while layouts are compared, problems.
  std::size_t done = 0, total = 0;
  std::string op;      // the kind of the current one
  std::string kernel;  // that is measured now
};

// A sub-graph that is about to be made ready for its engine, or, with `done`, was.
struct SubgraphBuild {
  std::string name, engine;
  std::size_t operators = 0;
  bool done = false;
  bool from_cache = false;
  double milliseconds = 0.0;
};

struct SessionOptions {
  // A name from backends(), or "auto": the fastest that works on this machine.
  std::string backend = "auto";
  Numerics numerics = Numerics::exact;
  // CPU threads of one run, >= 1. Calls of run() from several threads come on top of it.
  int threads = 1;
  // The layout in which 8-bit convolutions run: "nhwc", "nchw", "nchw4", "nchw32" or "chwn4"; a
  // backend that does not have it refuses with `unsupported`. "auto" is what the backend's kernels
  // like best, NHWC; where times decide (fast_run and what follows), for each operator the layout
  // with which the whole graph takes the least time.
  std::string layout = "auto";
  // Bytes of scratch memory one operator may use; kernels that want more are refused.
  std::size_t workspace_limit = static_cast<std::size_t>(-1);
  // Measure the kernels that can do an operator when a plan is made, and take the fastest, with
  // layout "auto" also among layouts; otherwise the choice goes by order and estimate. The bits are
  // the same.
  bool fast_run = false;
  // The same with every kernel that can do it, those of the reference included.
  bool full_run = false;
  // A file that keeps what was measured; several processes may share it. With neither fast_run nor
  // full_run what is in it still decides. One that cannot be used is set aside and begun anew.
  std::string tuning_cache;
  // Above 0: operators are measured at this batch, and the outcome holds for all batches.
  std::int64_t tuning_batch = 0;
  // When so much time was spent on measuring, the rest goes by order and estimate.
  double tuning_seconds = std::numeric_limits<double>::infinity();
  // Called from time to time while kernels are measured. Like on_subgraph and on_pass it runs on
  // the thread that asked for the plan, while others wait for theirs: it must not use the session.
  // What it throws ends the call that asked.
  std::function<void(const SearchProgress&)> on_search;
  // Kernels that may not be used: names, or prefixes that end in '*'.
  std::vector<std::string> skip_kernels;
  // Off: the graph runs as the file has it, node by node.
  bool optimise = true;
  // The backend whose passes are applied; empty: those of `backend`. For comparing two backends on
  // one graph.
  std::string optimise_for;
  // Off: every value has memory of its own, so that all are intact after a run.
  bool reuse_memory = true;
  // On: only the shapes in the file are accepted.
  bool fixed_shapes = false;
  // What this engine can run is made into sub-graphs that run as a whole: "native" (a plan of our
  // own inside the plan) or "tensorrt"; empty: there are none.
  std::string subgraph_engine;
  // Whose capabilities decide what the sub-graphs are; empty: those of the engine itself.
  std::string subgraph_rules;
  // The fewest operators that are worth a sub-graph.
  std::size_t subgraph_min_nodes = 10;
  // A file that keeps built engines; one that cannot be used is replaced.
  std::string subgraph_cache;
  // Called before and after a sub-graph is built, while a plan is made.
  std::function<void(const SubgraphBuild&)> on_subgraph;
  // How many plans (one per set of input shapes) are kept; the least recently used goes first.
  std::size_t plan_cache_size = 8;
  // Called after each pass with its name and the graph as text, while a plan is made.
  std::function<void(std::string_view pass, const std::string& graph)> on_pass;
};

}  // namespace octet
