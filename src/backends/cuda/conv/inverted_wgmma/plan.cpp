#include "backends/cuda/conv/inverted_wgmma/plan.hpp"

#include <algorithm>

#include "backends/cuda/conv/geometry.hpp"
#include "backends/cuda/conv/inverted/pack.hpp"
#include "backends/cuda/conv/inverted/plan.hpp"

namespace octet::cuda {
namespace {

constexpr int kAlignment = 128;

int aligned(int bytes) { return aligned_up(bytes, kAlignment); }

// Lines that give all output rows of an image.
int lines_of_image(const InvertedWgmmaParams& p, const InvertedWgmmaShape& shape) {
  return shape.stride == 1 ? p.oh / 2 + 1 : p.oh;
}

// Lines share the zeros between them: with stride 1 a column of them lies at the end of each, with
// stride 2 the even columns have one in front. Units without positions read beyond what the tile
// has, and what they make is thrown away.
void place_hidden(InvertedWgmmaParams& p, const InvertedWgmmaShape& shape) {
  p.pitch = shape.stride == 1 ? p.w + 1 : p.ow + 1;
  p.column_plane = shape.stride == 1 ? 0 : (p.lines + 1) * p.pitch + 1;
  const int read = shape.lines() * p.pitch + shape.columns + 2 + p.column_plane;
  const int written = (p.lines + 1) * p.pitch + 1 + p.column_plane;
  p.spare = 16 * std::max(read, written);
  p.plane_bytes = aligned(p.spare + 16);
}

// Shares out shared memory.
void place_all(InvertedWgmmaParams& p, const InvertedWgmmaShape& shape) {
  place_hidden(p, shape);
  const int lines = std::min(p.lines + 1, (p.h + 1) / 2);
  p.strips = divided_up(lines * p.w, kStrip);
  // What products have beyond their warpgroup's strips is read too.
  p.input_plane_bytes = (p.strips + shape.strips * shape.products - 1) * 2 * kStrip * 16;
  int at = 0;
  const auto place = [&](int bytes) {
    const int here = at;
    at += aligned(bytes);
    return here;
  };
  const int rows = std::min(p.lines * shape.line_rows(), p.oh);
  p.hidden_at = place(std::max(2 * shape.planes() * p.plane_bytes, rows * p.ow * p.out_channels));
  p.operand_at = place(2 * shape.operand_bytes());
  p.input_at = place(2 * p.k_steps * p.input_plane_bytes);
  p.expand_at = place(kPieceSlots * p.expand_bytes);
  p.depthwise_at = place(kPieceSlots * shape.depthwise_bytes());
  p.project_at = place(kPieceSlots * shape.project_bytes());
  p.constants_at = place(2 * 4 * shape.out_channels());
  p.table_at = place(2 * p.strips * kStrip);
  p.barriers_at = place(2 * 8);
  p.shared_bytes = at;
}

// What the warpgroups that share a slab expand.
int most_strips(const InvertedWgmmaShape& shape) {
  return kBlockWarpgroups / shape.slabs * shape.strips * shape.products;
}

// As many lines as a block has positions for and memory, and then no more than an even share. False
// where none fits.
bool cut_tiles(InvertedWgmmaParams& p, const InvertedWgmmaShape& shape, int shared_bytes) {
  const int all = lines_of_image(p, shape);
  if (p.ow > shape.columns) return false;
  for (p.lines = std::min(all, shape.lines()); p.lines > 0; --p.lines) {
    place_all(p, shape);
    if (p.shared_bytes <= shared_bytes && p.strips <= most_strips(shape)) break;
  }
  if (p.lines == 0) return false;
  p.tiles = divided_up(all, p.lines);
  p.lines = divided_up(all, p.tiles);
  place_all(p, shape);
  return true;
}

// All numbers of a problem, whether or not a tile fits.
InvertedWgmmaParams sizes_of(const InvertedChain& chain, const InvertedWgmmaShape& shape) {
  const ConvGeometry expand = conv_geometry(*chain.expand), project = conv_geometry(chain.project);
  InvertedWgmmaParams p{};
  p.channels = expand.c;
  p.hidden = expand.k;
  p.out_channels = project.k;
  p.chunks = divided_up(p.hidden, shape.chunk());
  p.k_steps = divided_up(p.channels, 32);
  p.h = expand.h;
  p.w = expand.w;
  p.oh = project.oh;
  p.ow = project.ow;
  p.expand_bytes = shape.expand_bytes(p.k_steps);
  p.piece_bytes = p.expand_bytes + shape.depthwise_bytes() + shape.project_bytes();
  return p;
}

}  // namespace

Verdict check_inverted_wgmma(const Problem& problem, const InvertedWgmmaShape& shape,
                             int shared_bytes) {
  const std::optional<InvertedChain> chain = inverted_chain(problem);
  if (!chain || !chain->expand) return Verdict::refuse("it is no chain of three convolutions");
  if (const Verdict verdict = check_chain(*chain, problem); !verdict) return verdict;
  if (stride_of(chain->depthwise) != shape.stride)
    return Verdict::refuse("the depthwise convolution's stride is not " +
                           std::to_string(shape.stride));
  InvertedWgmmaParams p = sizes_of(*chain, shape);
  if (p.channels % 16 != 0 || p.out_channels % 16 != 0)
    return Verdict::refuse("the channels of a map are not a multiple of 16");
  if (p.out_channels > shape.out_channels())
    return Verdict::refuse("there are more than " + std::to_string(shape.out_channels()) +
                           " output channels");
  if (p.ow > shape.columns)
    return Verdict::refuse("rows of the output have more than " + std::to_string(shape.columns) +
                           " pixels");
  if (p.h % 2 != 0 && !shape.odd_rows())
    return Verdict::refuse("the map has an odd number of rows");
  if (!cut_tiles(p, shape, shared_bytes))
    return Verdict::refuse("no tile of the map fits in shared memory");
  return Verdict::accept();
}

namespace {

void pack_expand(Piece piece, const Filter& filter, const HiddenLayer& layer, int first,
                 const InvertedWgmmaShape& shape) {
  const int k_steps = divided_up(filter.c, 32);
  for (int i = 0; i < std::min(shape.chunk(), filter.k - first); ++i) {
    const int row = i / kSlab * k_steps * 32 * kSlab + i % kSlab * 16;
    for (int c = 0; c < filter.c; ++c)
      piece.at[row + c / 16 * 16 * kSlab + c % 16] = filter.at(first + i, c, 0, 0);
    const auto& constants = layer.channels[static_cast<std::size_t>(first + i)];
    for (int word = 0; word < 3; ++word)
      piece.put_word(shape.chunk() * 32 * k_steps + i * 16 + word * 4,
                     constants[static_cast<std::size_t>(word)]);
  }
}

void pack_project(Piece piece, const Filter& filter, int first, const InvertedWgmmaShape& shape) {
  for (int column = 0; column < shape.out_channels(); ++column) {
    const int k = column / shape.n * shape.n + project_channel(column % shape.n, shape.n);
    if (k >= filter.k) continue;
    for (int i = 0; i < std::min(shape.chunk(), filter.c - first); ++i)
      piece.at[i / 16 * 16 * shape.out_channels() + column * 16 + project_k(i % 16)] =
          filter.at(k, first + i, 0, 0);
  }
}

}  // namespace

std::vector<std::int8_t> pack_inverted_wgmma(const InvertedChain& chain,
                                             const InvertedWgmmaShape& shape,
                                             const HiddenLayers& layers) {
  const InvertedWgmmaParams p = sizes_of(chain, shape);
  const Filter expand = read_filter(*chain.expand), depthwise = read_filter(chain.depthwise),
               project = read_filter(chain.project);
  std::vector<std::int8_t> packed(static_cast<std::size_t>(p.chunks * p.piece_bytes));
  for (int chunk = 0; chunk < p.chunks; ++chunk) {
    const int first = chunk * shape.chunk();
    Piece piece{packed.data() + chunk * p.piece_bytes};
    pack_expand(piece, expand, layers.expand, first, shape);
    piece.at += p.expand_bytes;
    pack_depthwise(piece, depthwise, first, shape.chunk());
    pack_constants({piece.at + shape.chunk() * 16}, layers.depthwise, first, shape.chunk(),
                   [](int column) { return column; });
    piece.at += shape.depthwise_bytes();
    pack_project(piece, project, first, shape);
  }
  return packed;
}

InvertedWgmmaParams inverted_wgmma_params(const InvertedChain& chain,
                                          const InvertedWgmmaShape& shape, int shared_bytes) {
  InvertedWgmmaParams p = sizes_of(chain, shape);
  cut_tiles(p, shape, shared_bytes);
  p.project = inverted_project(chain);
  p.row = Divisor(p.w);
  return p;
}

double estimate_inverted_wgmma(const Problem& problem, const InvertedWgmmaShape& shape,
                               int shared_bytes, int multiprocessors) {
  // Instructions of a warp, and the clocks that one takes of its scheduler.
  constexpr double kStrip16 = 70, kUnit = 45, kRow = 45, kChunk = 250;
  constexpr double kMicroseconds = 1.7 / 1800, kStart = 4.0;
  InvertedWgmmaParams p = sizes_of(*inverted_chain(problem), shape);
  if (!cut_tiles(p, shape, shared_bytes)) return kStart;
  const int parts = kBlockWarpgroups / shape.slabs;
  const double strips = divided_up(p.strips, parts);
  const double units = shape.units_of_warp() * (kUnit + kRow * shape.line_rows());
  const double instructions = p.chunks * (kChunk + strips * kStrip16 + units);
  const int blocks = static_cast<int>(problem.outputs[0].shape[0]) * p.tiles;
  const double of_scheduler = instructions * kBlockWarps / 4;
  return kStart + divided_up(blocks, multiprocessors) * of_scheduler * kMicroseconds;
}

}  // namespace octet::cuda
