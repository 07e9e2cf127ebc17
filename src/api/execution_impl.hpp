// What stands behind an Execution: a context of its own.
#pragma once

#include <octet/execution.hpp>

#include "runtime/engine.hpp"

namespace octet {

struct Execution::Impl {
  // `owner` keeps the engine alive.
  Impl(std::shared_ptr<const void> owner, const Engine& engine, std::shared_ptr<const Plan> plan);

  void set_inputs(const NamedTensors& inputs);

  std::shared_ptr<const void> owner;
  const Engine& engine;
  PlanInfo info;
  RunContext context;
};

}  // namespace octet
