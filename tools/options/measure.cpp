#include "run/run_options.hpp"

namespace octet::tools {

const OptionGroup<RunOptions>& measure_group() {
  static const OptionGroup<RunOptions> group{
      "Measurement",
      {
          {"--iter", "N", &RunOptions::iter, "timed iterations (default 10)"},
          {"--warmup-iter", "N", &RunOptions::warmup_iter, "untimed iterations (default 1)"},
          {"--thread", "N", &RunOptions::thread, "do the whole job in N threads at once"},
          {"--copy-to-host", "", &RunOptions::copy_to_host,
           "copy the outputs to the host inside the timed region"},
          {"--copy-to-device-each", "", &RunOptions::copy_to_device_each,
           "copy the inputs to the device inside the timed region"},
      }};
  return group;
}

}  // namespace octet::tools
