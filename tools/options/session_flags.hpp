// Options of every command that runs a model: on what, how exactly, in which layout.
#pragma once

#include <octet/options.hpp>

#include "cli/option_table.hpp"
#include "options/subgraph_flags.hpp"

namespace octet::tools {

struct SessionFlags : SubgraphFlags {
  std::string backend = "auto";
  bool cpu = false, cpu_default = false, cuda = false;
  std::optional<int> multithread, multithread_default;
  std::optional<std::string> core_ids;
  std::string numerics = "exact";
  bool enable_nchw4 = false, enable_nchw32 = false, enable_chwn4 = false, enable_nhwc = false;
  std::optional<std::string> layout_transform;
  std::size_t workspace_limit = static_cast<std::size_t>(-1);
  bool fast_run = false, full_run = false;
  std::string algo_policy;
  std::optional<int> shared_batch;
  std::optional<double> search_seconds;
  std::vector<std::string> skip_kernels;
  bool no_optimise = false, disable_mem_opt = false, const_shape = false;
};

const OptionGroup<SessionFlags>& session_group();
const OptionGroup<SessionFlags>& layout_group();

// Throws Error: invalid_argument where options contradict each other, unavailable where they need a
// GPU that this machine or build lacks. Pins the process to the cores of --multi-thread-core-ids.
SessionOptions session_options(const SessionFlags& flags);

}  // namespace octet::tools
