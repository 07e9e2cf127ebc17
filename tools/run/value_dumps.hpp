// Writes values of a run into files.
#pragma once

#include <octet/execution.hpp>
#include <string>

#include "run/run_options.hpp"

namespace octet::tools {

// --bin-out-dump: each output as DIR/run<k>-var<id>, k counting the calls of write(). DIR must
// exist.
class OutputDumper {
 public:
  explicit OutputDumper(std::string folder) : folder_(std::move(folder)) {}
  bool is_on() const { return !folder_.empty(); }
  void write(const PlanInfo& plan, const NamedTensors& outputs);

 private:
  std::string folder_;
  std::size_t runs_ = 0;
};

// --output-npy: DIR/<name>.npy for each output and DIR/outputs.json. Creates DIR.
void write_outputs_as_npy(const std::string& folder, const NamedTensors& outputs);

// --bin-io-dump, --io-dump, --io-dump-stdout, --io-dump-stderr and --range: one more run, step by
// step, that shows every value. Does nothing if none of them is asked for.
// Throws Error(verification_failed) that names the node whose value is out of range.
void inspect_values(Execution& execution, const RunOptions& options);

}  // namespace octet::tools
