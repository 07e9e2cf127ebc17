// What a run leaves behind besides its result lines.
#pragma once

#include "run/measure.hpp"

namespace octet::tools {

// --model-info: MegEngine's tables, on stdout.
void print_model_info(const Model& model, const PlanInfo& plan, Console& console);

// A few lines on stderr: percentiles, images per second, memory, and with --verbose each operator's
// kernel and why others were refused.
void print_summary(const RunReport& report, bool verbose, Console& console);

// --top: the largest values of each output and their places along its last axis, on stderr.
void print_top(const NamedTensors& outputs, int count, Console& console);

// Times the steps one by one if any of --json, --profile, --profile-host or --profile-table needs
// it, and writes these.
void write_reports(PreparedRun& run, const RunOptions& options, RunReport& report,
                   Console& console);

}  // namespace octet::tools
