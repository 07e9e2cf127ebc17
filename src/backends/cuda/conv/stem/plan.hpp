// The host side of the first layer's kernel: which sub-graphs it runs, its packed constants.
// Plain C++, tested without a GPU.
#pragma once

#include <optional>
#include <vector>

#include "backends/cuda/conv/filter_pack.hpp"
#include "backends/cuda/conv/stem/params.hpp"
#include "kernels/kernel.hpp"
#include "ops/epilogue.hpp"

namespace octet::cuda {

// A sub-graph of one chain: the input is brought to NHWC4 (quantised, if it is f32), goes through a
// convolution and perhaps through a maximum pool.
struct StemChain {
  Graph graph;  // for the problem's shapes; what follows points into it
  Problem bring, conv;
  std::optional<Problem> pool;
};
// Nothing where a Subgraph problem is no such chain.
std::optional<StemChain> stem_chain(const Problem& problem);

// Why what brings the input to a convolution is none of the ways that kernels have, and which of
// them it is.
Verdict check_stem_input(const Problem& bring, const Problem& conv);
StemInput stem_input(const Problem& bring, const Problem& conv);

// Why the kernel cannot do a problem, or accept(). The device is asked elsewhere.
Verdict check_stem(const Problem& problem);

// Of a chain that check_stem() accepted. Whether there are lines is for stem_constants() to say.
StemForm stem_form(const StemChain& chain);

// wgmma fragments [filter row][4][128 threads]: the taps of a filter row as stem.cuh lays K out,
// fragment rows g and g + 8 of a warp being channels 2g and 2g + 1. Zeros outside.
std::vector<std::uint32_t> pack_stem_filter(const Filter& filter, int rows, int pad_left);

int stem_pad_left(const StemChain& chain);

// The compiled boxes, narrowed where tiles of a pooled row overlap.
StemBoxes stem_boxes(StemBoxes compiled, const StemForm& form, int tiles);

// What the sums of every channel that a kernel makes meet: m, and ibias or the bits of fbias. Of a
// form with lines they are a and the bits of b; it loses its lines where a channel has none.
struct StemConstants {
  std::vector<float> m;
  std::vector<std::int32_t> bias;
};
StemConstants stem_constants(const Epilogue& epilogue, StemEpilogue& form);

// The numbers without the arrays and pointers.
StemParams stem_params(const StemChain& chain, const TensorType& y, const Epilogue& epilogue,
                       int multiprocessors);

}  // namespace octet::cuda
