// The checks that a model file carries, applied to what came out.
#pragma once

#include "run/prepared_run.hpp"

namespace octet::tools {

// Prints "AssertEqual: err=..." for checks that the file wants to be heard, as MegEngine does.
// Throws Error(verification_failed) when one fails, unless --disable-assert-throw turns that into a
// sentence on stderr.
void check_outputs(const Model& model, const TestCase& test_case, const NamedTensors& outputs,
                   const RunOptions& options, Console& console);

}  // namespace octet::tools
