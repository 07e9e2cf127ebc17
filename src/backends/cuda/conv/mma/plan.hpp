// The host side of the implicit GEMM: which loader a problem takes, the table of K, the packed
// filter. Plain C++, tested without a GPU.
#pragma once

#include <optional>
#include <vector>

#include "backends/cuda/conv/filter_pack.hpp"
#include "backends/cuda/conv/geometry.hpp"
#include "backends/cuda/conv/mma/implicit_gemm.hpp"

namespace octet::cuda {

// The loader for x in its layout, or nothing when the layout has no 4 or 16 channels in a row.
std::optional<Loader> loader_for(const TensorType& x);

// Why the implicit GEMM cannot do a problem, or accept().
Verdict check_implicit_gemm(const Problem& problem);

int bytes_per_piece(Loader loader);  // channels that one entry of the table stands for: 16 or 4

// One entry per piece of K, padded with entries outside the image to whole tiles of kGemmK.
std::vector<KEntry> k_table(const Problem& problem, Loader loader);

// The output channel of a tile's row `row`: rows are ordered so that the sums which a thread of an
// mma gets are neighbouring channels.
int channel_of_row(const GemmTile& tile, int row);

// [output tile][K tile][tile.n rows][kGemmK bytes], rows ordered as channel_of_row() says, 16-byte
// chunks swizzled by row, zeros outside.
std::vector<std::int8_t> pack_filter(const Filter& filter, const TensorType& x,
                                     const GemmTile& tile, int oc_memory);

// Why a problem is not for this tile, or accept(): splitting K pays where tiles are few.
Verdict check_gemm_tile(const Problem& problem, const GemmTile& tile, int multiprocessors);

// The memory for the sums of a tile that splits K; 0 for others.
std::size_t gemm_parts_bytes(const ImplicitGemmParams& params, const GemmTile& tile);

// Everything but the device pointers.
ImplicitGemmParams implicit_gemm_params(const Problem& problem, Loader loader);

// Expected microseconds on `multiprocessors` SMs: products, outputs and residuals, in whole waves.
double estimate_implicit_gemm(const Problem& problem, const GemmTile& tile, int multiprocessors);

}  // namespace octet::cuda
