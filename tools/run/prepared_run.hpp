// A model with its inputs, ready for its first run.
#pragma once

#include <octet/session.hpp>

#include "cli/console.hpp"
#include "run/run_options.hpp"

namespace octet::tools {

// One set of inputs, and what must come out where the model file says so.
struct TestCase {
  NamedTensors inputs;
  NamedTensors expected;  // by the names that EqualityCheck::expected gives
};

struct PreparedRun {
  Model model;
  SessionOptions settings;
  Session session;
  std::vector<TestCase> cases;  // at least one; a model without inputs has one empty case
  Execution execution;          // with the inputs of cases[0] set
  bool is_device = false;
  double load_ms = 0.0;
  double inputs_ms = 0.0;  // of reading or making the inputs
  double device_ms = 0.0;  // until the device was ready: a GPU's context
  double prepare_ms = 0.0;
};

// Loads the model, reads the inputs and makes the plan; prints the two result lines of it.
// Throws Error.
PreparedRun prepare_run(const RunOptions& options, Console& console);

}  // namespace octet::tools
