// Short ways to build elementwise operators.
#pragma once

#include "formats/onnx/onnx_node.hpp"
#include "ops/elementwise.hpp"

namespace octet::onnx {

using Mode = ElementwiseMode;

inline ValueId apply(const OnnxNode& node, Mode mode, std::vector<ValueId> operands,
                     float alpha = 0.0f, float beta = 0.0f) {
  Elementwise op;
  op.mode = mode;
  op.alpha = alpha;
  op.beta = beta;
  return node.add(make_op<Elementwise>(op), std::move(operands));
}

// A scalar of the dtype that `like` has.
inline ValueId scalar_like(const OnnxNode& node, ValueId like, double value) {
  return node.graph().add_constant(scalar_tensor(node.graph().type(like).dtype, value));
}

}  // namespace octet::onnx
