// A plan: what a run does, step by step, for one set of input shapes.
//
// It is immutable once made and may be run from many threads at once, each with a RunContext.
#pragma once

#include <memory>
#include <octet/options.hpp>
#include <octet/plan_info.hpp>

#include "ir/graph.hpp"
#include "kernels/chooser.hpp"

namespace octet {

// Where a step finds an operand.
struct Operand {
  enum class Kind : std::uint8_t { absent, input, constant, arena };
  Kind kind = Kind::absent;
  std::size_t at = 0;  // input, constant: its index; arena: the offset in bytes
};

struct PlanStep {
  StepInfo info;
  std::string label;  // node and kernel, for timelines
  const Backend* backend = nullptr;
  std::unique_ptr<const Executable> executable;
  std::vector<Operand> inputs, outputs;
  Operand workspace;
};

// A result of the run. It may also be an input or a constant of the graph.
struct PlanOutput {
  TensorInfo info;
  ValueId value = kNoValue;
  Operand source;
};

struct Plan {
  std::vector<const Backend*> backends;  // the first one owns the memory
  Demands demands;
  std::vector<PlanStep> steps;
  std::vector<TensorInfo> inputs;
  std::vector<ValueId> input_values;
  std::vector<PlanOutput> outputs;
  std::vector<std::size_t> input_offsets;  // of each input in a block of its own
  std::size_t input_bytes = 0;             // of that block
  std::size_t arena_bytes = 0;
  std::size_t least_bytes = 0;  // as MemoryLayout's
  std::size_t value_bytes = 0;  // what the arena would be without reuse

  // Bytes that some step reads at run time, in the memory of the first backend.
  std::vector<const std::byte*> constants;
  std::vector<std::shared_ptr<const void>> constant_owners;
  std::size_t constant_bytes = 0;

  const Backend& memory() const noexcept { return *backends.front(); }
  PlanInfo describe() const;
};

struct PlanOptions {
  // In order of preference. All but the first must work in host memory; where the first does not,
  // it is the only one.
  std::vector<const Backend*> backends;
  Demands demands;
  KernelChooser* chooser = nullptr;
  std::vector<std::string> skip_kernels;
  bool reuse_memory = true;
};

// The graph must be compact. Operators whose results are known already do not become steps.
// Throws Error(unsupported) that names the node which no kernel runs.
std::shared_ptr<const Plan> make_plan(const Graph& graph, const PlanOptions& options);

}  // namespace octet
