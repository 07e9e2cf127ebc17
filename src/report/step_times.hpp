// Times of the steps of a plan, from runs in which each was timed by itself.
#pragma once

#include <octet/plan_info.hpp>
#include <span>
#include <string>

#include "report/bound.hpp"

namespace octet {

// One list of times (milliseconds, in the order of the steps) per run; all of one length.
using StepRuns = std::vector<std::vector<double>>;

// The median over the runs of each step.
std::vector<double> median_times(const StepRuns& runs);

// The fastest measured kernel that does not run; nullptr where no other was measured.
const KernelInfo* runner_up(const StepInfo& step);

// The steps, slowest first, with their share of the time, work, rates, kernel, runner-up and
// shapes.
std::string step_table(const PlanInfo& plan, std::span<const double> milliseconds,
                       const Peaks& peaks = {});

}  // namespace octet
