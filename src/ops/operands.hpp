// What inference asks of an operator's inputs: presence, axes, numbers that must be known before
// the run, shapes within the limits. Every check throws Error with a sentence.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "ir/op.hpp"

namespace octet {

// Throws Error(invalid_model) unless there are between `least` and `most` inputs.
void require_inputs(const InferArgs& args, std::size_t least, std::size_t most);

// False for an optional input that is not given.
bool has_input(const InferArgs& args, std::size_t index);

// Axis in [-rank, rank) counted from the front. Throws Error(invalid_model).
std::size_t resolve_axis(std::int64_t axis, std::size_t rank);
// The same for several axes, which must be distinct; in the order given.
std::vector<std::size_t> resolve_axes(std::span<const std::int64_t> axes, std::size_t rank);

// The elements of a tensor of numbers as integers; floats are truncated towards zero.
// Throws Error(invalid_model) for NaN and what does not fit.
std::vector<std::int64_t> to_integers(const ConstView& tensor);

// The value of an input that must be known before the run: a scalar or a vector of integers.
// `name` says in messages which input it is. Throws Error(unsupported) when it is not known.
std::vector<std::int64_t> known_integers(const InferArgs& args, std::size_t index,
                                         std::string_view name);
// The same for exactly one integer.
std::int64_t known_integer(const InferArgs& args, std::size_t index, std::string_view name);
// The value itself. Throws Error(unsupported) when it is not known.
const Tensor& known_tensor(const InferArgs& args, std::size_t index, std::string_view name);

// A shape made of computed extents. Throws Error(invalid_model) for a negative extent,
// Error(resource_exhausted) past the limits on extents and elements.
Shape checked_shape(std::span<const std::int64_t> extents);

// The type of x with another shape, in the default layout; the quantisation stays as it is.
TensorType with_shape(const TensorType& x, const Shape& shape);

// The axis along which the scales of x vary, or -1.
int channel_axis(const TensorType& x);
// Throws Error(unsupported) when the scales of x vary along `axis`, which `what` would mix up.
void require_common_scale(const TensorType& x, std::size_t axis, std::string_view what);
// Gives scales that vary along an axis another axis to vary along.
void move_channel_axis(TensorType& type, int axis);

}  // namespace octet
