#include "run/run_options.hpp"

namespace octet::tools {

const OptionGroup<RunOptions>& report_group() {
  static const OptionGroup<RunOptions> group{
      "Reports",
      {
          {"--json", "FILE", &RunOptions::json, "write everything measured as JSON; - for stdout"},
          {"--profile", "FILE", &RunOptions::profile,
           "write the time of each operator in MegEngine's JSON form"},
          {"--profile-host", "FILE", &RunOptions::profile_host,
           "the same, with the times of the host thread"},
          {"--profile-table", "", &RunOptions::profile_table,
           "print the time of each operator, slowest first"},
          {"--top", "N", &RunOptions::top, "print the N largest classes of each output"},
          {"--model-info", "", &RunOptions::model_info, "print the inputs and outputs"},
          {"--dump-passes", "DIR", &RunOptions::dump_passes,
           "write the graph after each pass as text"},
          {"--verbose", "", &RunOptions::verbose,
           "say which kernel runs each operator and why others do not"},
          {"--no-progress", "", &RunOptions::no_progress,
           "no progress line, which otherwise shows when stderr is a terminal"},
      }};
  return group;
}

}  // namespace octet::tools
