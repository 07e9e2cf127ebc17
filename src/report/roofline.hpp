// Each step's time against what the device could do at best: its products at the peak of the
// arithmetic, its bytes at that of memory.
#pragma once

#include <octet/plan_info.hpp>
#include <span>
#include <string>
#include <vector>

#include "report/bound.hpp"

namespace octet {

struct RooflineRow {
  std::string name, op, kernel;
  double milliseconds = 0.0;
  double products = 0.0, memory = 0.0;  // milliseconds at the peaks

  double floor() const { return products > memory ? products : memory; }
  // "products" or "memory": which of them is the floor; "launch" where both are below a
  // microsecond, so that starting a kernel takes longer than its work.
  const char* bound() const;
};

// `milliseconds` in the order of the plan's steps; both peaks must be known.
std::vector<RooflineRow> roofline_rows(const PlanInfo& plan, std::span<const double> milliseconds,
                                       const Peaks& peaks);

// In the order of the steps, with the sums below.
std::string roofline_table(std::span<const RooflineRow> rows);

// A page that needs nothing else: for each step a bar of its time with its floor in it.
std::string roofline_page(std::span<const RooflineRow> rows, const std::string& title);

}  // namespace octet
