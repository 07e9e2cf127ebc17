// From the public options to the engine's.
#pragma once

#include <octet/options.hpp>

#include "runtime/backend_registry.hpp"
#include "runtime/engine.hpp"
#include "tuning/fast_run.hpp"

namespace octet {

// Throws Error(invalid_argument) with the option and what it may be.
void check_options(const SessionOptions& options);

// Who measures, or knows what was measured; nullptr where neither is asked for.
std::unique_ptr<FastRun> make_search(const SessionOptions& options);

// `chooser` must outlive the engine.
EngineOptions engine_options(const SessionOptions& options, const BackendEntry& backend,
                             KernelChooser& chooser);

// Lets layouts be chosen by what `search` knows, where the options leave them open. For the end:
// the pipeline is as it will be otherwise. `search` must outlive the engine.
void add_layout_choice(const SessionOptions& options, FastRun& search, EngineOptions& engine);

// Lets nodes become one kernel's work where that is faster in the layouts that the pipeline chose,
// by what `search` knows or, without one (nullptr), by estimate. `search` must outlive the engine.
void add_faster_regions(const SessionOptions& options, FastRun* search, EngineOptions& engine);

}  // namespace octet
