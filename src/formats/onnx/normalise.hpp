// The last step of reading: gives the graph the meaning that docs/numerics.md defines for QDQ
// models.
//
//   products   DequantizeLinear -> Conv, ConvTranspose, MatMul, Gemm -> activation ->
//   QuantizeLinear
//              becomes the QLinear form: exact sums, one requantisation.
//   functions  elementwise operators, poolings, softmax and Concat between DequantizeLinear and
//              QuantizeLinear become one quantised operator with the same numbers.
//   moves      operators that only move elements work on the integers.
//
// What has no QuantizeLinear behind it stays in floats, except that a product of quantised values
// still sums integers.
#pragma once

#include "ir/graph.hpp"

namespace octet::onnx {

Graph normalise(const Graph& graph);

}  // namespace octet::onnx
