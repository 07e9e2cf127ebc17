// Element types and values of a file as Octet's.
#pragma once

#include "formats/budget.hpp"
#include "formats/mge/raw_graph.hpp"
#include "ops/attributes.hpp"

namespace octet::mge {

// An absent table means Float32. Throws Error(unsupported) for types that Octet lacks and
// Error(invalid_model) for a quantised type without a sensible scale.
OutputSpec spec_of(const fbs::DType* dtype);

// Throws Error(invalid_model) when there is no shape, Error(resource_exhausted) past the limits.
TensorType type_of(const RawTensor& tensor);

// The value of a tensor: borrowed from the file where its alignment allows, else copied at the
// expense of `copied`. Types of 4 bits are unpacked to one byte per element.
Tensor value_of(const RawTensor& tensor, const RawGraph& graph, Budget& copied);

}  // namespace octet::mge
