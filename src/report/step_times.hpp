// Times of the steps of a plan, from runs in which each was timed by itself.
#pragma once

#include <octet/plan_info.hpp>
#include <span>
#include <string>

namespace octet {

// One list of times (milliseconds, in the order of the steps) per run; all of one length.
using StepRuns = std::vector<std::vector<double>>;

// The median over the runs of each step.
std::vector<double> median_times(const StepRuns& runs);

// The steps, slowest first, with their share of the time, rates, kernel and shapes.
std::string step_table(const PlanInfo& plan, std::span<const double> milliseconds);

}  // namespace octet
