// Where each element of a gathering or scattering operator lies, as numbers for its kernel.
#pragma once

#include "backends/cuda/index/index.hpp"
#include "kernels/kernel.hpp"

namespace octet::cuda {

// Of gather, gather_elements, gather_nd, vector_index: the elements of the output; of
// scatter_elements, scatter_nd: the elements of the updates.
IndexWalk index_walk(const Problem& problem);

}  // namespace octet::cuda
