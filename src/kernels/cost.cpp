#include "kernels/cost.hpp"

#include "ops/conv.hpp"
#include "ops/matmul.hpp"

namespace octet {
namespace {

// Products that go into one element of the output, from the shape of the filter.
std::int64_t products_per_output(const Problem& problem) {
  if (problem.inputs.size() < 2) return 0;
  const std::string_view kind = problem.op->kind();
  const Shape& filter = problem.inputs[1].shape;
  if (kind == Conv2d::kKind) return filter[1] * filter[2] * filter[3];
  if (kind == BatchConv2d::kKind) return filter[2] * filter[3] * filter[4];
  if (kind == GroupLocal::kKind || kind == LocalShare::kKind)
    return filter[3] * filter[4] * filter[5];
  if (kind == MatMul::kKind) {
    const Shape& a = problem.inputs[0].shape;
    if (a.rank() == 0) return 0;
    const bool transposed = static_cast<const MatMul&>(*problem.op).transpose_a;
    return transposed && a.rank() > 1 ? a[a.rank() - 2] : a.back();
  }
  return 0;
}

}  // namespace

Cost cost_of(const Problem& problem) {
  Cost cost;
  for (std::size_t i = 0; i < problem.inputs.size(); ++i)
    if (problem.present[i]) cost.bytes += static_cast<std::int64_t>(problem.inputs[i].bytes());
  for (const TensorType& output : problem.outputs)
    cost.bytes += static_cast<std::int64_t>(output.bytes());
  if (const Graph* inner = problem.op->inner()) {
    for (const NodeId id : inner->order()) cost.macs += cost_of(Problem::of(*inner, id)).macs;
  } else if (problem.op->kind() == ConvTranspose2d::kKind && problem.inputs.size() > 1) {
    // Every element of the input meets every tap of its channel's filters.
    const Shape& filter = problem.inputs[1].shape;
    cost.macs = problem.inputs[0].shape.elements() * filter[1] * filter[2] * filter[3];
  } else if (!problem.outputs.empty()) {
    cost.macs = problem.outputs[0].shape.elements() * products_per_output(problem);
  }
  return cost;
}

}  // namespace octet
