#include "backends/cuda/conv/inverted/plan.hpp"

#include <algorithm>
#include <bit>

#include "backends/cuda/common/epilogue_upload.hpp"
#include "backends/cuda/common/layouts.hpp"
#include "backends/cuda/conv/geometry.hpp"
#include "backends/cuda/conv/operand_checks.hpp"
#include "backends/cuda/conv/wgmma/bit_line.hpp"
#include "backends/cuda/conv/wgmma/plan.hpp"
#include "ir/readers.hpp"
#include "ops/subgraph.hpp"

namespace octet::cuda {
namespace {

constexpr int kAlignment = 128;  // of planes: rows of a product then meet all banks

// The only node that reads `value`, if it is a convolution whose input that is.
NodeId only_conv(const Graph& graph, ValueId value) {
  const NodeId reader = only_reader(graph, value);
  if (reader == kNoNode) return kNoNode;
  const Node& node = graph.node(reader);
  return node.as<Conv2d>() != nullptr && node.inputs[0] == value ? reader : kNoNode;
}

// The first node that has no input made inside.
NodeId first_conv(const Graph& graph) {
  for (const NodeId id : graph.order()) {
    const Node& node = graph.node(id);
    if (node.as<Conv2d>() != nullptr && graph.value(node.inputs[0]).is_input) return id;
  }
  return kNoNode;
}

std::optional<std::size_t> input_index(const Graph& graph, ValueId value) {
  const auto& inputs = graph.inputs();
  const auto found = std::find(inputs.begin(), inputs.end(), value);
  if (found == inputs.end()) return std::nullopt;
  return static_cast<std::size_t>(found - inputs.begin());
}

bool has_window(const Problem& conv, std::int64_t size, std::int64_t pad) {
  const Window2d& window = conv.as<Conv2d>()->window;
  const Shape& w = conv.inputs[1].shape;
  return w[2] == size && w[3] == size && window.dilation == std::array<std::int64_t, 2>{1, 1} &&
         window.pad == std::array<std::int64_t, 4>{pad, pad, pad, pad} &&
         window.stride[0] == window.stride[1];
}

int stride_of(const Problem& conv) { return static_cast<int>(conv.as<Conv2d>()->window.stride[0]); }

// What all three layers must be.
Verdict check_layer(const Problem& conv, const std::string& name, WgmmaRule rule) {
  if (const Verdict bias = check_constant_bias(conv); !bias) return bias;
  if (const Verdict filter = check_symmetric_filter(conv); !filter) return filter;
  const std::optional<WgmmaForm> form = wgmma_form(conv);
  if (!form || form->rule != rule || !form->plain || form->x_unsigned)
    return Verdict::refuse(name + "'s epilogue is not one that is compiled");
  return Verdict::accept();
}

Verdict check_hidden(const Problem& conv, const std::string& name, WgmmaRule rule) {
  if (const Verdict layer = check_layer(conv, name, rule); !layer) return layer;
  if (conv.has_input(3)) return Verdict::refuse(name + " has a z");
  if (conv.as<Conv2d>()->activation.kind != ActivationKind::relu)
    return Verdict::refuse(name + " has no ReLU");
  return Verdict::accept();
}

Verdict check_expand(const std::optional<Problem>& expand) {
  if (!expand) return Verdict::accept();
  const Problem& conv = *expand;
  if (conv.as<Conv2d>()->groups != 1 || !has_window(conv, 1, 0) || stride_of(conv) != 1)
    return Verdict::refuse("the first layer is no plain 1x1");
  return check_expanding_layer(conv);
}

Verdict check_depthwise(const Problem& conv) {
  const std::int64_t channels = conv.inputs[0].shape[1];
  if (conv.as<Conv2d>()->groups != channels || conv.inputs[1].shape[0] != channels)
    return Verdict::refuse("the second layer is not depthwise");
  if (!has_window(conv, 3, 1) || stride_of(conv) > 2)
    return Verdict::refuse("the second layer is no 3x3 of stride 1 or 2 and padding 1");
  return check_hidden(conv, "the second layer", WgmmaRule::integer_bias);
}

Verdict check_project(const Problem& conv) {
  if (conv.as<Conv2d>()->groups != 1 || !has_window(conv, 1, 0) || stride_of(conv) != 1)
    return Verdict::refuse("the third layer is no plain 1x1");
  if (const Verdict layer = check_layer(conv, "the third layer", WgmmaRule::scaled_bias); !layer)
    return layer;
  if (wgmma_form(conv)->z == WgmmaZ::once) return Verdict::refuse("the residual is rounded once");
  return Verdict::accept();
}

Verdict check_maps(const Problem& problem) {
  for (const std::vector<TensorType>* types : {&problem.inputs, &problem.outputs})
    for (const TensorType& type : *types) {
      if (!is_nhwc(type)) return Verdict::refuse("a map is not in NHWC");
      if (type.shape[1] % 8 != 0)
        return Verdict::refuse("the channels of a map are not a multiple of 8");
    }
  return Verdict::accept();
}

Epilogue epilogue_of(const Problem& conv) { return conv_epilogue(conv, read_filter(conv).sums()); }

int extent(const TensorType& type, std::size_t axis) { return static_cast<int>(type.shape[axis]); }

int aligned(int bytes) { return divided_up(bytes, kAlignment) * kAlignment; }

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

std::optional<InvertedChain> inverted_chain(const Problem& problem) {
  const auto* op = problem.as<Subgraph>();
  if (op == nullptr || problem.outputs.size() != 1) return std::nullopt;
  Graph graph = op->inner_for(problem.inputs);
  const std::size_t layers = graph.order().size();
  if (layers != 2 && layers != 3) return std::nullopt;
  const NodeId first = first_conv(graph);
  if (first == kNoNode) return std::nullopt;
  const std::size_t x = *input_index(graph, graph.node(first).inputs[0]);
  auto chain = inverted_chain_from(std::move(graph), first, layers == 3);
  if (chain) chain->x = x;
  return chain;
}

std::optional<InvertedChain> inverted_chain_from(Graph whole, NodeId first, bool expands) {
  InvertedChain chain{};
  chain.graph = std::move(whole);
  const Graph& graph = chain.graph;
  const NodeId depthwise = expands ? only_conv(graph, graph.node(first).outputs[0]) : first;
  if (depthwise == kNoNode) return std::nullopt;
  const NodeId project = only_conv(graph, graph.node(depthwise).outputs[0]);
  if (project == kNoNode || !graph.is_output(graph.node(project).outputs[0])) return std::nullopt;
  if (expands) chain.expand = Problem::of(graph, first);
  chain.depthwise = Problem::of(graph, depthwise);
  chain.project = Problem::of(graph, project);
  if (chain.project.has_input(3)) {
    chain.z = input_index(graph, graph.node(project).inputs[3]);
    if (!chain.z) return std::nullopt;
  }
  return chain;
}

Verdict check_expanding_layer(const Problem& conv) {
  return check_hidden(conv, "the first layer", WgmmaRule::scaled_bias);
}

Verdict check_reducing_layers(const InvertedChain& chain) {
  if (const Verdict depthwise = check_depthwise(chain.depthwise); !depthwise) return depthwise;
  return check_project(chain.project);
}

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
  for (const Verdict& verdict :
       {check_expand(chain->expand), check_reducing_layers(*chain), check_maps(problem)})
    if (!verdict) return verdict;
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
  if (problem.outputs[0].physical_elements() > (1 << 30) ||
      problem.inputs[0].physical_elements() > (1 << 30))
    return Verdict::refuse("there are more than 2^30 values");
  if (!cut_tiles(p, shape, shared_bytes))
    return Verdict::refuse("no tile of the map fits in shared memory");
  return Verdict::accept();
}

int inverted_channel(int column) { return column % 8 / 2 * 4 + column / 8 * 2 + column % 2; }

namespace {

// A piece while it is filled.
struct Piece {
  std::int8_t* at;

  void put_word(int offset, std::int32_t value) {
    const auto bytes = std::bit_cast<std::array<std::int8_t, 4>>(value);
    std::copy(bytes.begin(), bytes.end(), at + offset);
  }
};

// The byte of K `k`, of 32, and column `column`, of 8, in the words of a product's right operand:
// `stride` bytes from a thread to the next.
int operand_byte(int column, int k, int stride) {
  return (column * 4 + k % 16 / 4) * stride + k / 16 * 4 + k % 4;
}

// The channel that a column of the expansion is, in a chunk of so many: of a whole one a thread has
// a group's.
int expanded_channel(int column, int channels) {
  const int pair = column / 16, in_pair = inverted_channel(column % 16);
  if (channels <= kInvertedChunk / 2) return pair * 16 + in_pair;
  return in_pair / 4 * kInvertedGroup + pair * 4 + in_pair % 4;
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

// A column's three taps are a word.
void pack_depthwise(Piece piece, const Filter& filter, int first) {
  for (int c = 0; c < std::min(kInvertedChunk, filter.k - first); ++c)
    for (int s = 0; s < 3; ++s)
      for (int r = 0; r < 3; ++r) piece.at[c * 16 + s * 4 + r] = filter.at(first + c, 0, r, s);
}

// The output channel of a column. The last 8 columns have no partner where their number is odd.
int project_channel(int column, int n) {
  const int in_pairs = n / 16 * 16;
  return column < in_pairs ? column / 16 * 16 + inverted_channel(column % 16) : column;
}

// K of a thread is two channels of each group of 8, in pairs of groups.
int project_k(int channel) {
  const int group = channel / 8;
  return group / 2 * 16 + channel % 8 / 2 * 4 + group % 2 * 2 + channel % 2;
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

// Where the epilogue has a short way from sums to bytes.
std::optional<HiddenLayer> bits_layer(const Epilogue& epilogue) {
  const auto channels = prove_bits(epilogue);
  if (!channels) return std::nullopt;
  HiddenLayer layer{0.0f, {}};
  for (const ChannelBits& channel : *channels)
    layer.channels.push_back({static_cast<std::uint32_t>(channel.add),
                              std::bit_cast<std::uint32_t>(channel.a),
                              std::bit_cast<std::uint32_t>(least_subnormals(channel.b))});
  return layer;
}

// An integer bias is where sums begin; -0 changes nothing.
HiddenLayer canonical_layer(const Epilogue& epilogue) {
  HiddenLayer layer{epilogue.quantiser.factor * 0.0078125f, {}};
  for (std::size_t k = 0; k < epilogue.m.size(); ++k)
    layer.channels.push_back(
        {static_cast<std::uint32_t>(epilogue.ibias[k]), std::bit_cast<std::uint32_t>(epilogue.m[k]),
         std::bit_cast<std::uint32_t>(epilogue.has_fbias ? epilogue.fbias[k] : -0.0f)});
  return layer;
}

// `channel_of(column)`: the channel of the chunk that a product's column is.
template <typename ChannelOf>
void pack_constants(Piece piece, const HiddenLayer& layer, int first, const ChannelOf& channel_of) {
  for (int column = 0; column < kInvertedChunk; ++column) {
    const auto k = static_cast<std::size_t>(first + channel_of(column));
    if (k >= layer.channels.size()) continue;
    const int thread = column % 8 / 2, of_two = column % 2;
    const auto put = [&](int offset, std::uint32_t value) {
      piece.put_word(column / 8 * kInvertedConstants + offset + 4 * of_two,
                     static_cast<std::int32_t>(value));
    };
    const auto [begin, scale, bias] = layer.channels[k];
    put(thread * 8, begin);
    put(32 + thread * 16, scale);
    put(32 + thread * 16 + 8, bias);
  }
}

}  // namespace

HiddenLayers hidden_layers(const InvertedChain& chain) {
  const Epilogue depthwise = epilogue_of(chain.depthwise);
  const std::optional<Epilogue> expand =
      chain.expand ? std::optional(epilogue_of(*chain.expand)) : std::nullopt;
  const auto first = expand ? bits_layer(*expand) : HiddenLayer{};
  if (const auto second = first ? bits_layer(depthwise) : std::nullopt; second)
    return {HiddenForm::bits, *first, *second};
  return {HiddenForm::canonical, expand ? canonical_layer(*expand) : HiddenLayer{},
          canonical_layer(depthwise)};
}

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
    pack_depthwise(piece, filters.depthwise, first);
    piece.at += shape.depthwise_bytes();
    pack_project(piece, filters.project, first, shape.n);
    piece.at += shape.project_bytes();
    if (filters.expand) {
      pack_constants(piece, layers.expand, first,
                     [&](int column) { return expanded_channel(column, hidden - first); });
      piece.at += kInvertedGroups * kInvertedConstants;
    }
    pack_constants(piece, layers.depthwise, first, [](int column) { return column; });
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
