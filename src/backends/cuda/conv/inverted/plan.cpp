#include "backends/cuda/conv/inverted/plan.hpp"

#include <algorithm>
#include <bit>

#include "backends/cuda/common/epilogue_upload.hpp"
#include "backends/cuda/conv/geometry.hpp"
#include "backends/cuda/conv/operand_checks.hpp"
#include "backends/cuda/conv/wgmma/plan.hpp"
#include "ops/subgraph.hpp"

namespace octet::cuda {
namespace {

constexpr int kMostSlots = 3, kLeastSlots = 2;

bool is_nhwc(const TensorType& type) { return type.layout == kNHWC || type.layout == kNHWC4; }

// The only node that reads `value`, if it is a convolution whose input that is and the graph does
// not give the value itself.
NodeId only_conv(const Graph& graph, ValueId value) {
  const auto users = graph.users();
  const auto& readers = users[static_cast<std::size_t>(value)];
  if (readers.size() != 1 || graph.is_output(value)) return kNoNode;
  const Node& node = graph.node(readers[0]);
  return node.as<Conv2d>() != nullptr && node.inputs[0] == value ? readers[0] : kNoNode;
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

int stride_of(const Problem& conv) {
  return static_cast<int>(conv.as<Conv2d>()->window.stride[0]);
}

// What all three layers must be.
Verdict check_layer(const Problem& conv, const std::string& name, WgmmaRule rule) {
  if (const Verdict bias = check_constant_bias(conv); !bias) return bias;
  if (const Verdict filter = check_symmetric_filter(conv); !filter) return filter;
  const std::optional<WgmmaForm> form = wgmma_form(conv);
  if (!form || form->rule != rule || !form->plain || form->x_unsigned)
    return Verdict::refuse(name + "'s epilogue is not one that is compiled");
  if (!conv.inputs[1].quant->is_per_tensor() ||
      (conv.has_input(2) && conv.inputs[2].quant && !conv.inputs[2].quant->is_per_tensor()))
    return Verdict::refuse(name + "'s filter has a scale per channel");
  return Verdict::accept();
}

Verdict check_hidden(const Problem& conv, const std::string& name, WgmmaRule rule) {
  if (const Verdict layer = check_layer(conv, name, rule); !layer) return layer;
  if (conv.has_input(3)) return Verdict::refuse(name + " has a z");
  if (conv.as<Conv2d>()->activation.kind != ActivationKind::relu)
    return Verdict::refuse(name + " has no ReLU");
  return Verdict::accept();
}

Verdict check_expand(const Problem& conv) {
  if (conv.as<Conv2d>()->groups != 1 || !has_window(conv, 1, 0) || stride_of(conv) != 1)
    return Verdict::refuse("the first layer is no plain 1x1");
  return check_hidden(conv, "the first layer", WgmmaRule::scaled_bias);
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
  if (wgmma_form(conv)->z == WgmmaZ::once)
    return Verdict::refuse("the residual is rounded once");
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

int extent(const TensorType& type, std::size_t axis) { return static_cast<int>(type.shape[axis]); }

// Lines of positions in a tile of output rows, and blocks of 64 positions.
int lines_of(int rows, const InvertedShape& shape) { return divided_up(rows, shape.rows); }
int positions_of(const InvertedParams& p, const InvertedShape& shape) {
  return (lines_of(p.rows, shape) - 1) * p.places.pitch + p.ow;
}

// Of a tile inside of the image.
int hidden_rows(const InvertedParams& p) { return (p.rows - 1) * p.stride + 3; }

void place_hidden(InvertedParams& p, const InvertedShape& shape) {
  const int lines = lines_of(p.rows, shape);
  const bool rows_split = p.stride == 2 || shape.rows == 2;
  InvertedPlaces& at = p.places;
  at.row_shift = rows_split ? 1 : 0;
  at.column_shift = p.stride == 2 ? 1 : 0;
  at.pitch = p.stride == 2 ? p.ow + 1 : p.w + 2;
  // A line is a hidden row of each parity, or a single one; the last one's taps need more.
  const int plane = (rows_split ? lines + 1 : lines + 2) * at.pitch;
  at.column_plane = p.stride == 2 ? plane : 0;
  at.row_plane = rows_split ? plane << at.column_shift : 0;
  const int pair = rows_split ? at.row_plane : at.pitch;
  for (int tap = 0; tap < kInvertedTaps; ++tap) {
    const int down = (rows_split ? 1 : 2) * (tap / 3), column = tap % 3;
    p.taps[tap] = down * at.pitch + (p.stride == 2 ? column % 2 * plane + column / 2 : column);
  }
  p.pair_step = pair * 16;
  // One place more, for what no pixel goes to.
  p.plane_bytes = ((plane << at.column_shift << at.row_shift) + 1) * 16;
}

// Shares out shared memory; false where there is not enough.
bool place_all(InvertedParams& p, const InvertedShape& shape) {
  place_hidden(p, shape);
  const int pixels = divided_up(std::min(hidden_rows(p), p.h) * p.w, 64) * 64;
  const int positions = divided_up(positions_of(p, shape), 64) * 64;
  p.input_plane_bytes = pixels * 16;
  p.input_at = shape.teams * 4 * p.plane_bytes;
  p.filters_at = p.input_at + divided_up(p.channels, 16) * p.input_plane_bytes;
  // Products read whole blocks and whole steps of K: what they read beyond is multiplied by zero or
  // thrown away, but must be there.
  const int last_tap = *std::max_element(std::begin(p.taps), std::end(p.taps)) * 16 + p.pair_step;
  const int read = std::max(p.input_at + 2 * p.k_steps * p.input_plane_bytes,
                            p.input_at - p.plane_bytes + positions * 16 + last_tap);
  const int outputs = p.rows * p.ow * p.out_channels;
  const int exchange = (shape.teams - 1) * shape.positions() * shape.rows * shape.n * 4;
  for (p.slots = kMostSlots; p.slots >= kLeastSlots; --p.slots) {
    p.table_at = p.filters_at + shape.teams * p.slots * p.piece_bytes;
    p.barriers_at = (p.table_at + 2 * pixels + 7) / 8 * 8;
    p.shared_bytes =
        std::max({p.barriers_at + 8 * shape.teams * p.slots, read, outputs, exchange});
    if (p.shared_bytes <= kMostSharedMemory) return true;
  }
  return false;
}

bool fits(InvertedParams& p, const InvertedShape& shape) {
  return place_all(p, shape) && positions_of(p, shape) <= shape.positions();
}

// The largest tile that fits, and then no more rows than an even share. False where none fits.
bool cut_tiles(InvertedParams& p, const InvertedShape& shape) {
  for (p.rows = p.oh; p.rows > 0; --p.rows)
    if (fits(p, shape)) break;
  if (p.rows == 0) return false;
  p.tiles = divided_up(p.oh, p.rows);
  p.rows = std::min(p.oh, divided_up(divided_up(p.oh, p.tiles), shape.rows) * shape.rows);
  while (!fits(p, shape)) --p.rows;
  p.tiles = divided_up(p.oh, p.rows);
  return true;
}

// All numbers of a problem, whether or not a tile fits.
InvertedParams sizes_of(const InvertedChain& chain, const InvertedShape& shape) {
  const TensorType& x = chain.expand.inputs[0];
  const TensorType& y = chain.project.outputs[0];
  InvertedParams p{};
  p.channels = extent(x, 1);
  p.hidden = extent(chain.expand.outputs[0], 1);
  p.out_channels = extent(y, 1);
  p.chunks = divided_up(p.hidden, kInvertedChunk);
  p.k_steps = divided_up(p.channels, 32);
  p.h = extent(x, 2);
  p.w = extent(x, 3);
  p.oh = extent(y, 2);
  p.ow = extent(y, 3);
  p.stride = stride_of(chain.depthwise);
  p.piece_bytes = p.k_steps * 1024 + shape.depthwise_bytes() + shape.project_bytes() +
                  2 * 4 * kInvertedChunk;
  return p;
}

}  // namespace

std::optional<InvertedChain> inverted_chain(const Problem& problem) {
  const auto* op = problem.as<Subgraph>();
  if (op == nullptr || problem.outputs.size() != 1) return std::nullopt;
  InvertedChain chain;
  chain.graph = op->inner_for(problem.inputs);
  const Graph& graph = chain.graph;
  if (graph.order().size() != 3) return std::nullopt;
  const NodeId expand = first_conv(graph);
  if (expand == kNoNode) return std::nullopt;
  const NodeId depthwise = only_conv(graph, graph.node(expand).outputs[0]);
  if (depthwise == kNoNode) return std::nullopt;
  const NodeId project = only_conv(graph, graph.node(depthwise).outputs[0]);
  if (project == kNoNode || !graph.is_output(graph.node(project).outputs[0])) return std::nullopt;
  chain.expand = Problem::of(graph, expand);
  chain.depthwise = Problem::of(graph, depthwise);
  chain.project = Problem::of(graph, project);
  chain.x = *input_index(graph, graph.node(expand).inputs[0]);
  if (chain.project.has_input(3)) {
    chain.z = input_index(graph, graph.node(project).inputs[3]);
    if (!chain.z) return std::nullopt;
  }
  return chain;
}

Verdict check_inverted(const Problem& problem, const InvertedShape& shape) {
  const std::optional<InvertedChain> chain = inverted_chain(problem);
  if (!chain) return Verdict::refuse("it is no chain of three convolutions");
  for (const Verdict& verdict : {check_expand(chain->expand), check_depthwise(chain->depthwise),
                                 check_project(chain->project), check_maps(problem)})
    if (!verdict) return verdict;
  if (stride_of(chain->depthwise) == 2 && shape.rows == 2)
    return Verdict::refuse("positions of two rows are for stride 1");
  InvertedParams p = sizes_of(*chain, shape);
  if (p.out_channels > shape.n)
    return Verdict::refuse("there are more than " + std::to_string(shape.n) + " output channels");
  if (p.chunks < shape.teams)
    return Verdict::refuse("there are fewer chunks of hidden channels than teams");
  if (problem.outputs[0].physical_elements() > (1 << 30) ||
      problem.inputs[0].physical_elements() > (1 << 30))
    return Verdict::refuse("there are more than 2^30 values");
  if (!cut_tiles(p, shape)) return Verdict::refuse("no tile of the map fits in shared memory");
  return Verdict::accept();
}

Verdict check_inverted_gain(const Problem& problem, const InvertedShape& shape,
                            int multiprocessors) {
  const InvertedParams p = inverted_params(*inverted_chain(problem), shape);
  // A block works its tile off alone: layer by layer all multiprocessors share each map.
  if (2 * problem.outputs[0].shape[0] * p.tiles < multiprocessors)
    return Verdict::refuse("its tiles would keep less than half of the multiprocessors busy");
  return Verdict::accept();
}

int inverted_channel(int column) {
  return column % 8 / 2 * 4 + column / 8 * 2 + column % 2;
}

namespace {

// A piece while it is filled.
struct Piece {
  std::int8_t* at;

  void put_word(int offset, std::int32_t value) {
    const auto bytes = std::bit_cast<std::array<std::int8_t, 4>>(value);
    std::copy(bytes.begin(), bytes.end(), at + offset);
  }
};

// Columns are 16 in each half of the chunk, in the order of inverted_channel().
int expand_channel(int column) { return column / 16 * 16 + inverted_channel(column % 16); }

void pack_expand(Piece piece, const Filter& filter, int first) {
  for (int column = 0; column < kInvertedChunk; ++column) {
    const int k = first + expand_channel(column);
    if (k >= filter.k) continue;
    for (int c = 0; c < filter.c; ++c)
      piece.at[c / 16 * 512 + column * 16 + c % 16] = filter.at(k, c, 0, 0);
  }
}

// Of the padded map, a pair of rows 2 * pair and 2 * pair + 1 gives output row `row` of a position
// its filter rows 2 * pair - row and the next.
void pack_depthwise(Piece piece, const Filter& filter, int first, int rows) {
  for (int half = 0; half < 2; ++half)
    for (int tap = 0; tap < kInvertedTaps; ++tap)
      for (int below = 0; below < 2; ++below)
        for (int row = 0; row < rows; ++row)
          for (int column = 0; column < 16; ++column) {
            const int of_half = inverted_channel(column), k = first + half * 16 + of_half;
            const int r = 2 * (tap / 3) + below - row;
            if (k >= filter.k || r < 0 || r > 2) continue;
            const int line = ((half * kInvertedTaps + tap) * 2 + below) * 16 * rows + row * 16;
            piece.at[(line + column) * 16 + of_half] = filter.at(k, 0, r, tap % 3);
          }
}

void pack_project(Piece piece, const Filter& filter, int first, int n) {
  for (int column = 0; column < n; ++column) {
    const int k = expand_channel(column);
    if (k >= filter.k) continue;
    for (int c = first; c < std::min(first + kInvertedChunk, filter.c); ++c)
      piece.at[(c - first) / 16 * n * 16 + column * 16 + c % 16] = filter.at(k, c, 0, 0);
  }
}

void pack_biases(Piece piece, const std::vector<std::int32_t>& biases, int first) {
  for (int i = 0; i < kInvertedChunk; ++i)
    piece.put_word(4 * i, biases[static_cast<std::size_t>(first + i)]);
}

Epilogue epilogue_of(const Problem& conv) {
  return conv_epilogue(conv, read_filter(conv).sums());
}

// wgmma_params() for its epilogue alone; the tile is any.
WgmmaConvParams steps_of(const Problem& conv, const Epilogue& epilogue) {
  return wgmma_params(conv, epilogue, {64, 64, 64, 1, 1});
}

}  // namespace

std::vector<std::int8_t> pack_inverted_filters(const InvertedChain& chain,
                                               const InvertedShape& shape) {
  const InvertedParams p = sizes_of(chain, shape);
  const Filter expand = read_filter(chain.expand), depthwise = read_filter(chain.depthwise),
               project = read_filter(chain.project);
  const auto expand_biases =
      channel_biases(epilogue_of(chain.expand), WgmmaRule::scaled_bias, kInvertedChunk);
  const auto depthwise_biases =
      channel_biases(epilogue_of(chain.depthwise), WgmmaRule::integer_bias, kInvertedChunk);
  std::vector<std::int8_t> packed(static_cast<std::size_t>(p.chunks * p.piece_bytes));
  for (int chunk = 0; chunk < p.chunks; ++chunk) {
    const int first = chunk * kInvertedChunk;
    Piece piece{packed.data() + chunk * p.piece_bytes};
    pack_expand(piece, expand, first);
    piece.at += p.k_steps * 1024;
    pack_depthwise(piece, depthwise, first, shape.rows);
    piece.at += shape.depthwise_bytes();
    pack_project(piece, project, first, shape.n);
    piece.at += shape.project_bytes();
    pack_biases(piece, expand_biases, first);
    piece.at += 4 * kInvertedChunk;
    pack_biases(piece, depthwise_biases, first);
  }
  return packed;
}

InvertedParams inverted_params(const InvertedChain& chain, const InvertedShape& shape) {
  InvertedParams p = sizes_of(chain, shape);
  cut_tiles(p, shape);
  const Epilogue expand = epilogue_of(chain.expand), depthwise = epilogue_of(chain.depthwise);
  p.expand = steps_of(chain.expand, expand);
  p.depthwise = steps_of(chain.depthwise, depthwise);
  p.project = steps_of(chain.project, epilogue_of(chain.project));
  p.expand_m = expand.m[0];
  p.depthwise_m = depthwise.m[0];
  return p;
}

double estimate_inverted(const Problem& problem, const InvertedShape& shape, int multiprocessors) {
  // Hidden values that a multiprocessor finishes in a microsecond.
  constexpr double kValues = 128.0 * 1750 / 7.5 * 0.7, kStart = 4.0;
  const InvertedParams p = sizes_of(*inverted_chain(problem), shape);
  InvertedParams cut = p;
  if (!cut_tiles(cut, shape)) return kStart;
  const int pixels = divided_up(std::min(hidden_rows(cut), cut.h) * cut.w, 64);
  const int positions = divided_up(positions_of(cut, shape), 64) * shape.rows;
  const double values = 64.0 * kInvertedChunk * cut.chunks * (pixels + positions);
  const int tiles = static_cast<int>(problem.outputs[0].shape[0]) * cut.tiles;
  return kStart + divided_up(tiles, multiprocessors) * values / kValues;
}

}  // namespace octet::cuda
