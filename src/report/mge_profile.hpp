// Times of operators in the JSON form that MegEngine's profile_analyze reads.
#pragma once

#include <octet/plan_info.hpp>
#include <span>
#include <string>

namespace octet {

struct MgeProfileOptions {
  std::string comp_node = "cpu0:0";  // "gpu0:0" where the steps ran on a GPU
  bool host = false;                 // tell the times as those of the host thread too
};

// The steps one after the other, with these milliseconds.
std::string mge_profile_json(const PlanInfo& plan, std::span<const double> milliseconds,
                             const MgeProfileOptions& options);

}  // namespace octet
