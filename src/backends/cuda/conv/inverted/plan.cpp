#include "backends/cuda/conv/inverted/plan.hpp"

#include <algorithm>

#include "backends/cuda/conv/inverted/pack.hpp"
#include "backends/cuda/conv/wgmma/plan.hpp"

namespace octet::cuda {
namespace {

constexpr int kAlignment = 128;  // of planes: rows of a product then meet all banks

int extent(const TensorType& type, std::size_t axis) { return static_cast<int>(type.shape[axis]); }

int aligned(int bytes) { return aligned_up(bytes, kAlignment); }

int lines_of(int rows, const InvertedShape& shape) { return divided_up(rows, shape.line_rows()); }

// Units of 16 positions of a tile, enumerated in padded lines.
int units_of(const InvertedParams& p, const InvertedShape& shape) {
  const int positions = (lines_of(p.rows, shape) - 1) * p.pitch + p.ow;
  return divided_up(positions, 16) * (shape.line_rows() / shape.rows);
}

// Of a tile inside of the image.
int hidden_rows(const InvertedParams& p, const InvertedShape& shape) {
  return std::min((p.rows - 1) * shape.stride + 3, p.h);
}
int pixel_tiles(const InvertedParams& p, const InvertedShape& shape) {
  return divided_up(hidden_rows(p, shape) * p.w, 16);
}

// Lines share the zeros between them: with stride 1 a column of them lies at the end of each, with
// stride 2 the even columns have one in front. The last unit reads beyond what the tile has, and
// throws it away.
void place_hidden(InvertedParams& p, const InvertedShape& shape) {
  const int lines = lines_of(p.rows, shape);
  p.pitch = shape.stride == 1 ? p.w + 1 : p.ow + 1;
  const int columns = (lines + 1) * p.pitch + 1;
  p.column_plane = shape.stride == 1 ? 0 : columns;
  const int positions = units_of(p, shape) / (shape.line_rows() / shape.rows) * 16;
  const int read = std::max(columns * shape.stride, positions + p.pitch + p.column_plane + 2);
  // And places for pixels that the last 16 of a tile do not have. The four planes that a warp
  // writes to at once begin in different banks.
  const int missing = p.w % 16 == 0 ? 0 : 15;
  p.plane_bytes = aligned(16 * (read + missing) - 32) + 32;
}

// Shares out shared memory.
void place_all(InvertedParams& p, const InvertedShape& shape) {
  place_hidden(p, shape);
  p.buffers = p.chunks > shape.teams ? 2 : 1;
  const int tiles = pixel_tiles(p, shape), planes = shape.teams * p.buffers * kInvertedGroups;
  p.input_plane_bytes = shape.expands ? aligned(tiles * 256) : 0;
  p.table_bytes = 2 * 16 * tiles;
  p.input_at = aligned(planes * p.plane_bytes);
  p.filters_at = p.input_at + divided_up(p.channels, 16) * p.input_plane_bytes;
  p.tile_at = p.filters_at + shape.teams * kInvertedSlots * p.piece_bytes;
  p.table_at = p.tile_at + kInvertedTileBytes;
  const int end = p.table_at + 2 * p.table_bytes;
  const int outputs = p.rows * p.ow * p.out_channels;
  const int exchange = (shape.teams - 1) * shape.units_of_team() * shape.rows * shape.n * 16 * 4;
  p.shared_bytes = std::max({end, outputs, exchange});
}

// `shared_bytes`: what one block could have. Several on a multiprocessor have less of its 1 KiB
// more, of which each is charged 1 KiB.
int share_of(int shared_bytes, const InvertedShape& shape) {
  return (shared_bytes + 1024) / shape.blocks - 1024;
}

bool fits(InvertedParams& p, const InvertedShape& shape, int shared_bytes) {
  place_all(p, shape);
  return p.shared_bytes <= share_of(shared_bytes, shape) &&
         (!shape.expands || units_of(p, shape) <= shape.units_of_team());
}

// The largest tile that fits, and then no more rows than an even share. False where none fits.
bool cut_tiles(InvertedParams& p, const InvertedShape& shape, int shared_bytes) {
  const int step = shape.line_rows();
  p.rows = p.oh;
  p.tiles = 1;
  if (fits(p, shape, shared_bytes)) return true;
  p.rows = (p.oh - 1) / step * step;
  while (p.rows > 0 && !fits(p, shape, shared_bytes)) p.rows -= step;
  if (p.rows <= 0) return false;
  p.rows = lines_of(divided_up(p.oh, divided_up(p.oh, p.rows)), shape) * step;
  p.tiles = divided_up(p.oh, p.rows);
  return fits(p, shape, shared_bytes);
}

}  // namespace

InvertedParams inverted_sizes(const InvertedChain& chain, const InvertedShape& shape) {
  const TensorType& x = chain.expand ? chain.expand->inputs[0] : chain.depthwise.inputs[0];
  const TensorType& y = chain.project.outputs[0];
  InvertedParams p{};
  p.channels = extent(x, 1);
  p.hidden = extent(chain.depthwise.inputs[0], 1);
  p.out_channels = extent(y, 1);
  p.chunks = divided_up(p.hidden, kInvertedChunk);
  p.k_steps = shape.expands ? divided_up(p.channels, 32) : 0;
  p.h = extent(x, 2);
  p.w = extent(x, 3);
  p.oh = extent(y, 2);
  p.ow = extent(y, 3);
  p.piece_bytes = shape.piece_bytes(p.k_steps);
  return p;
}

WgmmaConvParams inverted_project(const InvertedChain& chain) {
  // The tile is any.
  return wgmma_params(chain.project, epilogue_of(chain.project), {64, 64, 64, 1, 1});
}

Verdict check_inverted(const Problem& problem, const InvertedShape& shape, int shared_bytes) {
  const std::optional<InvertedChain> chain = inverted_chain(problem);
  if (!chain) return Verdict::refuse("it is no chain of two or three convolutions");
  if (chain->expand.has_value() != shape.expands)
    return Verdict::refuse(shape.expands ? "nothing expands the input"
                                         : "the hidden map is not the input");
  if (!shape.expands && chain->z) return Verdict::refuse("a residual is added");
  if (const Verdict verdict = check_chain(*chain, problem); !verdict) return verdict;
  if (stride_of(chain->depthwise) != shape.stride)
    return Verdict::refuse("the depthwise convolution's stride is not " +
                           std::to_string(shape.stride));
  InvertedParams p = inverted_sizes(*chain, shape);
  if (p.out_channels > shape.n)
    return Verdict::refuse("there are more than " + std::to_string(shape.n) + " output channels");
  if (!shape.expands && p.chunks > 1)
    return Verdict::refuse("the input has more than " + std::to_string(kInvertedChunk) +
                           " channels");
  if (p.chunks < shape.teams)
    return Verdict::refuse("there are fewer chunks of hidden channels than teams");
  if (!cut_tiles(p, shape, shared_bytes))
    return Verdict::refuse("no tile of the map fits in shared memory");
  return Verdict::accept();
}

namespace {

// The channel that a column of the expansion is, in a chunk of so many: of a whole one a thread has
// a group's.
int expanded_channel(int column, int channels) {
  const int pair = column / 16, in_pair = inverted_channel(column % 16);
  if (channels <= kInvertedChunk / 2) return pair * 16 + in_pair;
  return in_pair / 4 * kInvertedGroup + pair * 4 + in_pair % 4;
}

// The byte of K `k`, of 32, and column `column`, of 8, in the words of a product's right operand:
// `stride` bytes from a thread to the next.
int operand_byte(int column, int k, int stride) {
  return (column * 4 + k % 16 / 4) * stride + k / 16 * 4 + k % 4;
}

void pack_expand(Piece piece, const Filter& filter, int first) {
  for (int column = 0; column < kInvertedChunk; ++column) {
    const int pair = column / 16, k = first + expanded_channel(column, filter.k - first);
    if (k >= filter.k) continue;
    for (int c = 0; c < filter.c; ++c)
      piece.at[c / 32 * 1024 + pair * 512 + column % 16 / 8 * 8 +
               operand_byte(column % 8, c % 32, 16)] = filter.at(k, c, 0, 0);
  }
}

void pack_project(Piece piece, const Filter& filter, int first, int n) {
  for (int column = 0; column < n; ++column) {
    const int k = project_channel(column, n);
    if (k >= filter.k) continue;
    for (int c = first; c < std::min(first + kInvertedChunk, filter.c); ++c)
      piece.at[column / 8 * 256 + operand_byte(column % 8, project_k(c - first), 8)] =
          filter.at(k, c, 0, 0);
  }
}

}  // namespace

InvertedFilters inverted_filters(const InvertedChain& chain) {
  InvertedFilters filters{std::nullopt, read_filter(chain.depthwise), read_filter(chain.project)};
  if (chain.expand) filters.expand = read_filter(*chain.expand);
  return filters;
}

std::vector<std::int8_t> pack_inverted_filters(const InvertedFilters& filters,
                                               const InvertedShape& shape,
                                               const HiddenLayers& layers) {
  const int hidden = filters.depthwise.k, chunks = divided_up(hidden, kInvertedChunk);
  const int k_steps = filters.expand ? divided_up(filters.expand->c, 32) : 0;
  const int piece_bytes = shape.piece_bytes(k_steps);
  std::vector<std::int8_t> packed(static_cast<std::size_t>(chunks * piece_bytes));
  for (int chunk = 0; chunk < chunks; ++chunk) {
    const int first = chunk * kInvertedChunk;
    Piece piece{packed.data() + chunk * piece_bytes};
    if (filters.expand) pack_expand(piece, *filters.expand, first);
    piece.at += k_steps * 1024;
    pack_depthwise(piece, filters.depthwise, first, kInvertedChunk);
    piece.at += shape.depthwise_bytes();
    pack_project(piece, filters.project, first, shape.n);
    piece.at += shape.project_bytes();
    if (filters.expand) {
      pack_constants(piece, layers.expand, first, kInvertedChunk,
                     [&](int column) { return expanded_channel(column, hidden - first); });
      piece.at += kInvertedGroups * kInvertedConstants;
    }
    pack_constants(piece, layers.depthwise, first, kInvertedChunk,
                   [](int column) { return column; });
  }
  return packed;
}

InvertedParams inverted_params(const InvertedChain& chain, const InvertedShape& shape,
                               int shared_bytes) {
  InvertedParams p = inverted_sizes(chain, shape);
  cut_tiles(p, shape, shared_bytes);
  p.project = inverted_project(chain);
  p.row = Divisor(p.w);
  p.line = Divisor(p.pitch);
  p.eights = Divisor(p.channels / 8);
  return p;
}

double estimate_inverted(const Problem& problem, const InvertedShape& shape, int shared_bytes,
                         int multiprocessors) {
  // Instructions of a warp, counted in the listings, and the clocks that one takes of its scheduler
  // (measured on an H200 at 1.8 GHz).
  constexpr double kBlock = 1200, kChunk = 300, kTile = 50, kStep = 8, kUnit = 40, kRow = 42;
  constexpr double kMicroseconds = 1.6 / 1800, kStart = 4.0;
  InvertedParams p = inverted_sizes(*inverted_chain(problem), shape);
  if (!cut_tiles(p, shape, shared_bytes)) return kStart;
  // Of the busiest warp.
  const double tiles = shape.expands ? divided_up(pixel_tiles(p, shape), shape.warps) : 0.0;
  const double units = divided_up(units_of(p, shape), shape.warps);
  const double tile = kTile + kStep * p.k_steps;
  const double unit = kUnit + shape.n / 8 + (kRow + 1.0 / 8 * shape.n) * shape.rows;
  const double chunks = divided_up(p.chunks, shape.teams);
  const double instructions = kBlock + chunks * (kChunk + tiles * tile + units * unit);
  const int blocks = static_cast<int>(problem.outputs[0].shape[0]) * p.tiles;
  const double of_scheduler = instructions * shape.threads() * shape.blocks / 128;
  return kStart + divided_up(blocks, multiprocessors * shape.blocks) * of_scheduler * kMicroseconds;
}

}  // namespace octet::cuda
