// Quantisation parameters that stand in a node's inputs.
#pragma once

#include "formats/onnx/onnx_node.hpp"
#include "ops/attributes.hpp"

namespace octet::onnx {

// Which inputs hold a value and its parameters.
struct QuantInputs {
  std::size_t scale, zero_point;
};

// True when scale and zero point are known, so that they can be part of a type.
bool has_known_quant(const OnnxNode& node, QuantInputs at);

// The parameters, along `axis` where there is one scale per index of it. `axis` has been
// normalised. Throws Error(unsupported) unless they are known, Error(invalid_model) for a scale
// that is not finite and positive or for a wrong number of zero points.
Quant known_quant(const OnnxNode& node, QuantInputs at, std::int64_t axis = 0);

// As known_quant(), for one scale; the element type is the zero point's, u8 without one.
OutputSpec known_output(const OnnxNode& node, QuantInputs at);

// The same integers with these parameters: a constant is retyped, a value that has them stays.
ValueId with_quant(const OnnxNode& node, ValueId value, const Quant& quant);

// Input `value` with the parameters at `at`, along `axis` (negative: from the end).
ValueId quantised_input(const OnnxNode& node, std::size_t value, QuantInputs at,
                        std::int64_t axis = 0);

// To f32, and from f32 or another quantised value to `output`, by ONNX's rule.
ValueId dequantise(const OnnxNode& node, ValueId value);
ValueId quantise(const OnnxNode& node, ValueId value, const OutputSpec& output);

}  // namespace octet::onnx
