// Random values of any type, and random problems of the operators that compute on them.
#pragma once

#include "support/random_case.hpp"

namespace octet::testing {

// Numbers between two bounds, whole ones where the type is an integer; of quantised types the
// stored ones.
Tensor random_values(Random& random, const TensorType& type, double low, double high);

// A shape of rank 1 to 4 with up to `most` elements along each axis.
Shape random_small_shape(Random& random, std::int64_t most);

// Elementwise functions whose result does not depend on a mathematical library: of floats, integers
// and booleans of any width, and of quantised integers of 8 to 32 bits; with broadcasting.
Case random_elementwise(Random& random);
// Those that do, of f32.
Case random_transcendental(Random& random);
Case random_cast(Random& random);
// With a scale per channel, and of types other than s8, u8 and f32.
Case random_convert_any(Random& random);
Case random_quantize_by_input(Random& random);
Case random_dynamic_quantize(Random& random);
// Chains and trees of elementwise operators and conversions, as a sub-graph.
Case random_chain(Random& random);

Case random_reduce(Random& random);
Case random_log_reduce(Random& random);  // log_sum and log_sum_exp
Case random_arg_reduce(Random& random);
Case random_topk(Random& random);
Case random_cumsum(Random& random);
Case random_softmax(Random& random);
Case random_batch_norm(Random& random);
Case random_instance_norm(Random& random);
Case random_layer_norm(Random& random);
Case random_local_response_norm(Random& random);

Case random_resize(Random& random);
Case random_warp(Random& random);

}  // namespace octet::testing
