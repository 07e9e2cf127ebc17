#include "backends/cuda/common/default_layout.hpp"

#include <algorithm>

#include "base/format.hpp"

namespace octet::cuda {

Verdict check_default_layout(const Problem& problem, const Demands&) {
  const auto packed = [](const TensorType& type) { return !(type.layout == kNCHW); };
  for (const auto* types : {&problem.inputs, &problem.outputs})
    if (const auto found = std::find_if(types->begin(), types->end(), packed);
        found != types->end())
      return Verdict::refuse(concat("a value is in ", to_string(found->layout)));
  return Verdict::accept();
}

}  // namespace octet::cuda
