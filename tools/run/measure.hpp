// Warm-up and timed iterations, with the result lines of MegEngine's tool.
#pragma once

#include "report/run_report.hpp"
#include "run/prepared_run.hpp"

namespace octet::tools {

struct Measurement {
  std::vector<double> warmup_ms;
  IterationTimes iterations;  // of all test cases
  NamedTensors outputs;       // of the last run
  // Of copying all inputs and all outputs of the last case; empty where nothing is copied.
  std::vector<double> h2d_ms, d2h_ms;
};

// Checks what the model file asserts after every run. Throws Error, verification_failed included.
Measurement measure(PreparedRun& run, const RunOptions& options, Console& console);

}  // namespace octet::tools
