// Everything one run of load_and_run found out, and its JSON form.
#pragma once

#include <octet/options.hpp>
#include <octet/plan_info.hpp>
#include <string>
#include <vector>

#include "report/machine.hpp"
#include "report/step_times.hpp"

namespace octet {

struct IterationTimes {
  std::vector<double> total, exec, device;  // milliseconds, one per timed iteration
};

struct RunReport {
  std::vector<std::string> command;
  std::string octet_version, compiler;
  Machine machine;

  std::string model_path, model_format, model_producer;
  std::int64_t macs = 0, parameters = 0;

  std::string backend, backend_description;
  Numerics numerics = Numerics::exact;
  int threads = 1;
  std::string layout;

  // Where the inputs were when the timed iterations began.
  std::string input_location;                          // "host" or "device"
  std::vector<std::string> input_sources;              // the --input texts
  bool copies_inputs = false, copies_outputs = false;  // inside the timed iterations

  double load_ms = 0.0, prepare_ms = 0.0;
  double inputs_ms = 0.0;  // of reading or making the inputs
  double device_ms = 0.0;  // until the device was ready
  std::vector<double> warmup_ms;
  IterationTimes iterations;
  // Milliseconds of copying all inputs to the device and all outputs back, outside the iterations;
  // empty where the backend works in host memory.
  std::vector<double> h2d_ms, d2h_ms;
  std::int64_t batch = 1;
  Peaks peaks;

  PlanInfo plan;
  StepRuns step_runs;  // empty: the steps were not timed one by one
};

// The sentence of what_bounds() for this run; may be empty.
std::string what_bounds(const RunReport& report);

// Images per second at the median time of an iteration.
double images_per_second(const RunReport& report);

// {"schema": "octet.run", "schema_version": 1, ...}: docs/report.md describes the members.
std::string to_json(const RunReport& report);

}  // namespace octet
