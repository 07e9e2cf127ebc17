// A convolution that oneDNN does from input to output, without anything of ours around it.
#pragma once

#include "backends/onednn/primitives.hpp"
#include "ops/conv.hpp"

namespace octet::onednn {

// Geometry, types and layout of the problem; the finish is left to the caller.
ConvSpec spec_of(const Problem& problem);

// Why a plain primitive cannot do the operator whatever the types, or accept(): constant weights
// and bias, no z, no turned filter, an activation that oneDNN has.
Verdict check_plain(const Problem& problem);

// A bias as the bytes that oneDNN reads, in its own type; empty where there is none.
std::vector<std::byte> bias_bytes(const Problem& problem, std::size_t index);

// Runs a primitive with the x of input 0.
std::unique_ptr<Executable> make_plain(std::unique_ptr<Primitive> primitive);

}  // namespace octet::onednn
