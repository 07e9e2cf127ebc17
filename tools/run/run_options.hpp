// What load_and_run was asked to do. Option names are MegEngine's where it has the option.
#pragma once

#include "options/input_flags.hpp"
#include "options/session_flags.hpp"

namespace octet::tools {

struct RunOptions : SessionFlags, InputFlags {
  // Measurement
  int iter = 10, warmup_iter = 1, thread = 1;
  bool copy_to_host = false, copy_to_device_each = false;

  // Results and reports
  std::string output_npy, bin_out_dump, bin_io_dump, io_dump;
  bool io_dump_stdout = false, io_dump_stderr = false;
  std::string json, profile, profile_host;
  bool profile_table = false, model_info = false, verbose = false, no_progress = false;
  std::optional<int> top;
  std::string dump_passes;

  // Checks
  std::optional<double> range;
  bool disable_assert_throw = false;
};

const OptionGroup<RunOptions>& measure_group();
const OptionGroup<RunOptions>& dump_group();
const OptionGroup<RunOptions>& report_group();

// Throws Error(invalid_argument) where values are out of range or contradict each other, and
// Error(io_error) where a report could not be written.
void check(const RunOptions& options);

}  // namespace octet::tools
