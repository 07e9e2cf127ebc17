#include "backends/cuda/conv/operand_checks.hpp"

#include <limits>

#include "backends/cuda/common/epilogue_upload.hpp"
#include "ops/product.hpp"

namespace octet::cuda {

Verdict check_constant_bias(const Problem& problem) {
  if (problem.has_input(2) && problem.constants[2] == nullptr)
    return Verdict::refuse("the bias is not a constant");
  return Verdict::accept();
}

Verdict check_z(const Problem& problem) {
  if (!problem.has_input(3)) return Verdict::accept();
  const TensorType& z = problem.inputs[3];
  if (!is_quantised_byte(z)) return Verdict::refuse("z is not 8-bit quantised");
  if (!(z.layout == problem.outputs[0].layout))
    return Verdict::refuse("z and the output differ in layout");
  return Verdict::accept();
}

Verdict check_activations(const Conv2d& op) {
  if (!same_bits_on_device(op.activation) || !same_bits_on_device(op.mid_activation))
    return Verdict::refuse("the activation's bits differ between devices");
  return Verdict::accept();
}

Verdict check_element_counts(const Problem& problem) {
  for (const TensorType* type : {&problem.inputs[0], &problem.outputs[0]})
    if (type->physical_elements() > std::numeric_limits<int>::max())
      return Verdict::refuse("a value has 2^31 elements or more");
  return Verdict::accept();
}

Verdict check_conv_operands(const Problem& problem, const Conv2d& op) {
  if (const Verdict bias = check_constant_bias(problem); !bias) return bias;
  if (const Verdict z = check_z(problem); !z) return z;
  return check_activations(op);
}

}  // namespace octet::cuda
