// The operands of one problem, on which all its candidates are timed.
#pragma once

#include "kernels/backend.hpp"

namespace octet {

// Of a problem's inputs and outputs, but for constants.
std::size_t operand_bytes(const Problem& problem);

// How many sets of operands the launches of a measurement go through in turn. A set that is small
// beside the cache stays in it between the operators of a network: one set is measured warm. Larger
// ones leave the cache before they are needed again: as many sets as push each other out, but at
// most eight. Without a known cache, one.
std::size_t operand_sets(std::size_t bytes_per_set, std::size_t cache_bytes);

// Not thread safe.
class Workbench {
 public:
  Workbench(const Backend& backend, const Problem& problem, const Demands& demands);
  Workbench(const Workbench&) = delete;
  Workbench& operator=(const Workbench&) = delete;

  // An executable with what measuring it needs. Outlived by the workbench.
  class Contender {
   public:
    virtual ~Contender() = default;
    virtual double sample() = 0;  // milliseconds of one launch, measured now
  };
  // Prepares the kernel, runs it once and records its launches. Throws Error where the kernel fails
  // or wants more workspace than the demands allow.
  std::unique_ptr<Contender> enter(const Kernel& kernel);

 private:
  class LaunchContender;
  struct OperandSet {
    std::vector<const std::byte*> inputs;
    std::vector<std::byte*> outputs;
  };

  std::byte* add_memory(std::size_t bytes);
  void add_set();

  const Backend& backend_;
  const Problem& problem_;
  const Demands& demands_;
  std::unique_ptr<ExecutionContext> context_;
  std::vector<std::shared_ptr<std::byte>> memory_;
  std::vector<const std::byte*> constants_;  // by input; nullptr: not one
  std::vector<OperandSet> sets_;
};

}  // namespace octet
