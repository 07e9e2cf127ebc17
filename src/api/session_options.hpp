// From the public options to the engine's.
#pragma once

#include <octet/options.hpp>

#include "runtime/backend_registry.hpp"
#include "runtime/engine.hpp"

namespace octet {

// Throws Error(invalid_argument) with the option and what it may be.
void check_options(const SessionOptions& options);

// Measuring with fast_run, otherwise by order and estimate.
std::unique_ptr<KernelChooser> make_chooser(const SessionOptions& options);

// `chooser` must outlive the engine.
EngineOptions engine_options(const SessionOptions& options, const BackendEntry& backend,
                             KernelChooser& chooser);

}  // namespace octet
