#include "run/run_options.hpp"

namespace octet::tools {

const OptionGroup<RunOptions>& dump_group() {
  static const OptionGroup<RunOptions> group{
      "Values",
      {
          {"--output-npy", "DIR", &RunOptions::output_npy,
           "write each output of the last iteration as DIR/<name>.npy, and DIR/outputs.json"},
          {"--bin-out-dump", "DIR", &RunOptions::bin_out_dump,
           "write the outputs of every iteration as MegEngine's binary tensors"},
          {"--bin-io-dump", "DIR", &RunOptions::bin_io_dump,
           "write every value inside the model as MegEngine's binary tensors"},
          {"--io-dump", "FILE", &RunOptions::io_dump,
           "write a text summary of every value inside the model"},
          {"--io-dump-stdout", "", &RunOptions::io_dump_stdout, "the same to stdout"},
          {"--io-dump-stderr", "", &RunOptions::io_dump_stderr, "the same to stderr"},
          {"--range", "LIMIT", &RunOptions::range,
           "fail if a float inside the model is beyond +-LIMIT"},
          {"--disable-assert-throw", "", &RunOptions::disable_assert_throw,
           "go on when a check in the model file fails"},
      }};
  return group;
}

}  // namespace octet::tools
