// Recognises quantisation and dequantisation around an operator.
#pragma once

#include <optional>

#include "formats/onnx/rewriter.hpp"
#include "ops/attributes.hpp"

namespace octet::onnx {

// The quantised value of which `value` is the dequantised form; kNoValue when it is none.
ValueId dequantised_from(const Graph& graph, ValueId value);

// The same for a value with one scale.
ValueId dequantised_from_per_tensor(const Graph& graph, ValueId value);

// The value behind conversions between f32, f16 and bf16. A model in narrow floats has them around
// each product; the integer form of a product has no floats that could be rounded.
ValueId behind_casts(const Graph& graph, ValueId value);

// What a node quantises floats to; nullptr when it does something else.
const OutputSpec* quantised_to(const Node& node);

ValueId add_dequantise(Rewriter& rewriter, ValueId value, const std::string& name);
// Nothing where `value` has that type already.
ValueId add_quantise(Rewriter& rewriter, ValueId value, const OutputSpec& output,
                     const std::string& name);

bool is_per_tensor(const OutputSpec& output) noexcept;

// The rules of each family, in the order in which they are tried.
std::span<const Rewriter::Rule> move_rules();
std::span<const Rewriter::Rule> float_product_rules();  // products without Quantize

// One rule each of those for what QuantizeLinear quantises: `node` quantises `inputs[0]`.
std::optional<std::vector<ValueId>> quantise_product(Rewriter&, const Node&,
                                                     std::span<const ValueId>);
std::optional<std::vector<ValueId>> quantise_function(Rewriter&, const Node&,
                                                      std::span<const ValueId>);

}  // namespace octet::onnx
