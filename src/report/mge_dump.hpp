// Values of a run in the forms in which MegEngine's load_and_run dumps them.
#pragma once

#include <cstddef>
#include <map>
#include <octet/plan_info.hpp>
#include <span>
#include <string>
#include <vector>

#include "report/mge_names.hpp"

namespace octet {

// MegEngine's binary tensor: name, type and shape in a header, then the bytes of the values.
// Four-bit values are packed, the first in the low half. Throws Error(unsupported) for types it
// lacks.
std::vector<std::byte> mge_binary_tensor(const Tensor& tensor, const std::string& name);

// Describes the values of a plan and where they come from.
class MgeDumpNames {
 public:
  explicit MgeDumpNames(const PlanInfo& plan);

  // "var={...} owner_opr_inputs={...}{...}": the name that the binary dump of a value carries.
  // Throws Error(unsupported) for types that MegEngine lacks.
  std::string binary_name(std::int32_t value) const;
  // The paragraph of the text dump for one output of step number `number`.
  std::string text(const StepInfo& step, std::size_t number, std::size_t output,
                   const Tensor& value) const;

 private:
  struct Variable {
    MgeVariable variable;
    std::vector<std::int32_t> operands;  // of the operator that makes it
  };
  void add(const MgeVariable& variable, std::vector<std::int32_t> operands);

  std::map<std::int32_t, Variable> variables_;  // by the number of the value
};

}  // namespace octet
