// Takes batch normalisation with constant statistics out of the graph.
#pragma once

#include "passes/pass.hpp"

namespace octet {

// Behind a float convolution that nothing else reads, the factors go into its filter and bias.
// Elsewhere (a quantised convolution's bits must not change) the normalisation becomes one
// multiplication and addition per channel. Float results agree within the bound of
// docs/numerics.md; statistics that are not constant stay.
Pass fold_batch_norm_pass();

}  // namespace octet
