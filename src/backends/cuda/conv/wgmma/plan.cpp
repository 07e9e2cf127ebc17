#include "backends/cuda/conv/wgmma/plan.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "backends/cuda/common/epilogue_upload.hpp"
#include "backends/cuda/conv/operand_checks.hpp"
#include "backends/cuda/conv/wgmma/line.hpp"
#include "backends/cuda/conv/wgmma/residual.hpp"
#include "ops/conv.hpp"
#include "ops/product.hpp"

namespace octet::cuda {
namespace {

// A ReLU or clip in front of a quantising step only narrows the step's clamp.
bool folds(const Activation& activation) {
  return activation.kind == ActivationKind::none || activation.kind == ActivationKind::relu ||
         activation.kind == ActivationKind::clip;
}

bool is_plain_s8(DType dtype, const std::optional<Quant>& quant) {
  return dtype == DType::s8 && quant && quant->is_symmetric();
}

bool is_plain(const Problem& problem, const WgmmaForm& form) {
  const auto& op = *problem.as<Conv2d>();
  if (form.rule == WgmmaRule::onnx || form.x_unsigned ||
      op.activation.kind == ActivationKind::clip || !is_plain_s8(op.output.dtype, op.output.quant))
    return false;
  if (form.z == WgmmaZ::none) return true;
  const TensorType& z = problem.inputs[3];
  if (!is_plain_s8(z.dtype, z.quant)) return false;
  return form.z == WgmmaZ::once || (op.mid_activation.kind == ActivationKind::none &&
                                    is_plain_s8(op.mid.dtype, op.mid.quant));
}

bool in_runs(const Layout& layout, ChannelRuns runs) {
  switch (runs) {
    // With whole groups of 16 channels NHWC4 is the same bytes as NHWC.
    case ChannelRuns::all: return layout == kNHWC || layout == kNHWC4;
    case ChannelRuns::planes_of_32: return layout == kNCHW32;
    case ChannelRuns::words_of_images: return layout == kCHWN4;
  }
  return false;
}

Verdict check_map(const TensorType& type, const char* what, ChannelRuns runs) {
  if (!is_quantised_byte(type))
    return Verdict::refuse(std::string(what) + " is not 8-bit quantised");
  if (!in_runs(type.layout, runs))
    return Verdict::refuse(std::string(what) + " is in " + to_string(type.layout));
  const int whole = runs == ChannelRuns::all ? 16 : runs == ChannelRuns::planes_of_32 ? 32 : 4;
  if (type.shape[1] % whole != 0)
    return Verdict::refuse(std::string(what) + "'s channels are not a multiple of " +
                           std::to_string(whole));
  return Verdict::accept();
}

Verdict check_window(const Problem& problem) {
  const Window2d& window = problem.as<Conv2d>()->window;
  const Shape& w = problem.inputs[1].shape;
  bool padded = false;
  for (std::size_t axis = 0; axis < 2; ++axis) {
    const std::int64_t reach = (w[axis + 2] - 1) * window.dilation[axis];
    if (window.stride[axis] > 8) return Verdict::refuse("the stride is above the copy engine's 8");
    if (reach > 255) return Verdict::refuse("the filter reaches over 255 rows or columns");
    if (window.pad[axis] > 128 || reach - window.pad[axis + 2] > 128 || window.pad[axis + 2] > 127)
      return Verdict::refuse("the padding is above the copy engine's 128");
    padded = padded || window.pad[axis] != 0 || window.pad[axis + 2] != 0;
  }
  if (padded && problem.inputs[0].quant->zero_point() != 0)
    return Verdict::refuse("the copy engine pads with 0, and the input's zero point is another");
  return Verdict::accept();
}

}  // namespace

WgmmaStep wgmma_step(const Quantiser& quantiser, const Activation& activation) {
  float lowest = quantiser.lowest, highest = quantiser.highest;
  if (activation.kind == ActivationKind::relu) lowest = static_cast<float>(quantiser(0.0f));
  if (activation.kind == ActivationKind::clip) {
    lowest = static_cast<float>(quantiser(activation.alpha));
    highest = static_cast<float>(quantiser(activation.beta));
  }
  const auto zero_point = static_cast<float>(quantiser.zero_point);
  return {quantiser.factor,     !quantiser.multiply, reciprocal_of(quantiser),
          quantiser.zero_point, lowest - zero_point, highest - zero_point};
}

std::optional<WgmmaForm> wgmma_form(const Problem& problem) {
  const auto& op = *problem.as<Conv2d>();
  if (!folds(op.activation)) return std::nullopt;
  WgmmaForm form{};
  form.x_unsigned = problem.inputs[0].dtype == DType::u8;
  switch (op.rule) {
    case EpilogueRule::mge_dense:
      // With a zero point there are an integer and a scaled bias; no kernel is compiled for both.
      if (problem.inputs[0].quant->zero_point() != 0) return std::nullopt;
      form.rule = WgmmaRule::scaled_bias;
      break;
    case EpilogueRule::mge_packed:
    case EpilogueRule::mge_ratio: form.rule = WgmmaRule::integer_bias; break;
    case EpilogueRule::mge_naive: return std::nullopt;  // divides by the scale
    case EpilogueRule::onnx: form.rule = WgmmaRule::onnx; break;
  }
  if (problem.has_input(3)) {
    if (op.z_rounding == ZRounding::twice && !folds(op.mid_activation)) return std::nullopt;
    // One way of rounding is compiled into a kernel: both steps of z must share it.
    const QuantRule wanted = op.rule == EpilogueRule::onnx ? QuantRule::onnx : QuantRule::mge;
    if (op.z_rounding == ZRounding::twice && op.z_rule != wanted) return std::nullopt;
    form.z = op.z_rounding == ZRounding::once ? WgmmaZ::once : WgmmaZ::twice;
  }
  form.plain = is_plain(problem, form);
  return form;
}

Verdict check_im2col_conv(const Problem& problem, ChannelRuns runs) {
  for (const auto& [type, what] :
       {std::pair{&problem.inputs[0], "the input"}, std::pair{&problem.outputs[0], "the output"}})
    if (const Verdict map = check_map(*type, what, runs); !map) return map;
  if (problem.as<Conv2d>()->groups != 1) return Verdict::refuse("the convolution is grouped");
  if (const Verdict filter = check_symmetric_filter(problem); !filter) return filter;
  if (const Verdict bias = check_constant_bias(problem); !bias) return bias;
  if (problem.has_input(3))
    if (const Verdict z = check_map(problem.inputs[3], "z", runs); !z) return z;
  if (problem.outputs[0].shape[0] * problem.outputs[0].shape[2] * problem.outputs[0].shape[3] >
      (1 << 30))
    return Verdict::refuse("there are more than 2^30 output pixels");
  if (problem.outputs[0].shape[1] > 2048)
    return Verdict::refuse("the constants of over 2048 output channels do not fit on chip");
  if (!wgmma_form(problem))
    return Verdict::refuse("the epilogue (activation, z) is not one that is compiled");
  return check_window(problem);
}

Verdict check_wgmma_tile(const Problem& problem, const WgmmaTile& tile, int multiprocessors) {
  if (tile.split == 0) return Verdict::accept();
  const ConvGeometry g = conv_geometry(problem);
  if (g.r * g.s * ((g.c + tile.k - 1) / tile.k) < tile.split)
    return Verdict::refuse("the sums are too short to be split over a cluster");
  const long long pixels = static_cast<long long>(g.n) * g.oh * g.ow;
  const long long tiles = (pixels + tile.m - 1) / tile.m * ((g.k + tile.n - 1) / tile.n);
  if (tiles * tile.split > 4 * multiprocessors)
    return Verdict::refuse("there are enough tiles for persistent blocks");
  return Verdict::accept();
}

std::vector<int> tile_channels(int tile_n) {
  std::vector<int> channels;
  for (int row = 0; row < tile_n; ++row)
    channels.push_back(row % 8 / 2 * (tile_n / 4) + row / 8 * 2 + row % 2);
  return channels;
}

namespace {

// A row of a packed tile from the filter of one output channel, [c][taps]. `to` is the row in the
// tile of the first tap and block; `flip` is what the swizzle XORs the row's chunks with.
void pack_row(const std::int8_t* from, const Filter& filter, int tile_n, int tile_k, int flip,
              std::int8_t* to) {
  const int taps = filter.r * filter.s, blocks = (filter.c + tile_k - 1) / tile_k;
  for (int c = 0; c < filter.c; c += 16) {
    const int chunk = (c % tile_k / 16) ^ flip, count = std::min(16, filter.c - c);
    for (int tap = 0; tap < taps; ++tap) {
      const auto tile = static_cast<std::ptrdiff_t>(tap * blocks + c / tile_k) * tile_n * tile_k;
      for (int i = 0; i < count; ++i) to[tile + chunk * 16 + i] = from[(c + i) * taps + tap];
    }
  }
}

}  // namespace

std::vector<std::int8_t> pack_wgmma_filter(const Filter& filter, int tile_n, int tile_k) {
  const int n_tiles = (filter.k + tile_n - 1) / tile_n, blocks = (filter.c + tile_k - 1) / tile_k;
  const int taps = filter.r * filter.s, span = tile_k / 16;
  const std::vector<int> channels = tile_channels(tile_n);
  const auto tile_bytes =
      static_cast<std::size_t>(taps * blocks) * static_cast<std::size_t>(tile_n * tile_k);
  std::vector<std::int8_t> packed(static_cast<std::size_t>(n_tiles) * tile_bytes);
  for (int tile = 0; tile < n_tiles; ++tile)
    for (int row = 0; row < tile_n; ++row) {
      const int k = tile * tile_n + channels[static_cast<std::size_t>(row)];
      if (k >= filter.k) continue;
      // The swizzle XORs the chunk with the row, counted in spans of 128 bytes.
      const int flip = row / (8 / span) % span;
      pack_row(filter.values.data() + static_cast<std::ptrdiff_t>(k) * filter.c * taps, filter,
               tile_n, tile_k, flip,
               packed.data() + static_cast<std::size_t>(tile) * tile_bytes +
                   static_cast<std::size_t>(row * tile_k));
    }
  return packed;
}

namespace {

constexpr int kMostResidentFilter = 80 * 1024, kMostStages = 12;

}  // namespace

BlockMemory block_memory(const WgmmaTile& tile, bool has_z, int n_tiles, int filter_bytes) {
  const bool resident = filter_bytes <= kMostResidentFilter;
  const int slots =
      wgmma_slots(has_z ? WgmmaZ::twice : WgmmaZ::none) * tile.teams * tile.m * tile.n;
  const int barriers = 8 * (2 * kMostStages + 4 * tile.teams * tile.groups + 1);
  return {resident, 1024 + slots + (resident ? filter_bytes : 0) + n_tiles * tile.n * 8 + barriers};
}

int BlockMemory::stages(int stage_bytes) const {
  return std::min(kMostStages, (kMostSharedMemory - fixed_bytes) / stage_bytes);
}

namespace {

// Stages fill what slots, constants and a filter that stays leave of the 227 KiB of a block.
void share_out_memory(WgmmaConvParams& p, const WgmmaTile& tile, bool has_z) {
  if (tile.split > 0) {
    // As many stages as a block has work for, but small enough to begin beside another kernel.
    constexpr int kBeside = 100 * 1024;
    const int stage = (tile.m + tile.n) * tile.k, sums = tile.split == 1 ? 0 : tile.m * tile.n * 4;
    const int fixed = 1024 + sums + tile.n * 8 + 16 * kMostStages;
    p.stages = std::min(
        {(p.k_tiles + tile.split - 1) / tile.split, (kBeside - fixed) / stage, kMostStages});
    p.shared_bytes = fixed + p.stages * stage;
    return;
  }
  const BlockMemory memory =
      block_memory(tile, has_z, p.n_tiles, p.n_tiles * p.k_tiles * tile.n * tile.k);
  const int stage = (tile.m + (memory.resident ? 0 : tile.n)) * tile.k;
  p.resident = memory.resident;
  set_ring(p, memory.stages(stage), tile.teams);
  p.shared_bytes = memory.fixed_bytes + p.stages * stage;
}

}  // namespace

WgmmaConvParams wgmma_params(const Problem& problem, const Epilogue& epilogue,
                             const WgmmaTile& tile) {
  const ConvGeometry g = conv_geometry(problem);
  WgmmaConvParams p{};
  p.pixels = g.n * g.oh * g.ow;
  p.oc = g.k;
  p.n_tiles = (g.k + tile.n - 1) / tile.n;
  p.c_blocks = (g.c + tile.k - 1) / tile.k;
  p.k_tiles = g.r * g.s * p.c_blocks;
  p.r = g.r;
  p.s = g.s;
  p.oh = g.oh;
  p.ow = g.ow;
  p.stride_h = g.stride_h;
  p.stride_w = g.stride_w;
  p.pad_top = g.pad_top;
  p.pad_left = g.pad_left;
  p.dilation_h = g.dilation_h;
  p.dilation_w = g.dilation_w;
  p.step = wgmma_step(epilogue.quantiser, epilogue.activation);
  p.mid = wgmma_step(epilogue.mid, epilogue.mid_activation);
  p.mid_scale = epilogue.mid_scale;
  p.mid_zero_point = epilogue.mid.zero_point;
  p.z_scale = epilogue.z_scale;
  p.z_zero_point = epilogue.z_zero_point;
  p.z_unsigned = problem.has_input(3) && problem.inputs[3].dtype == DType::u8;
  p.z_flip = p.z_unsigned ? 0u : 0x80808080u;
  if (epilogue.has_z && epilogue.z_rounding == ZRounding::twice)
    if (const auto residual =
            prove_residual(epilogue, p.z_unsigned ? 0 : -128, MidCount{epilogue.mid.zero_point})) {
      p.proved = true;
      p.residual = *residual;
      p.residual.b = std::ldexp(p.residual.b, 133);  // z comes as multiples of 2^-133
    }
  p.relu_mask = epilogue.activation.kind == ActivationKind::relu ? ~0u : 0u;
  p.matrix = is_matrix(g);
  share_out_memory(p, tile, problem.has_input(3));
  return p;
}

ChannelConstants canonical_constants(const Epilogue& epilogue, WgmmaRule rule) {
  ChannelConstants constants{epilogue.m, epilogue.ibias, {}};
  if (rule == WgmmaRule::scaled_bias)
    for (std::size_t i = 0; i < constants.bias.size(); ++i)
      // Adding -0.0f changes nothing, so a kernel that always adds is right without a bias too.
      constants.bias[i] =
          std::bit_cast<std::int32_t>(epilogue.has_fbias ? epilogue.fbias[i] : -0.0f);
  return constants;
}

namespace {

float in_least_subnormals(int steps) { return std::ldexp(static_cast<float>(steps), -149); }

// How lines from the lowest end, if kernels have the operations for it: without z y begins at 0 or
// at -128, with z it is s8 behind a ReLU and its addition has the short form.
std::optional<LineEnd> end_from_lowest(const Epilogue& epilogue, const Lines& lines, int z_lowest) {
  const auto y = [&](float v) { return epilogue.quantiser(activate(epilogue.activation, v)); };
  const int lowest = y(-INFINITY), highest = y(INFINITY);
  LineEnd end{};
  end.use = LineUse::from_lowest;
  end.mid = in_least_subnormals(lines.steps);
  end.y = in_least_subnormals(highest - lowest);
  end.flip = lowest == 0 ? 0u : 0x80808080u;
  if (!epilogue.has_z) return lowest == 0 || lowest == -128 ? std::optional(end) : std::nullopt;
  if (lowest != 0 || highest != 127) return std::nullopt;
  const auto residual = prove_residual(epilogue, z_lowest, {lines.lowest});
  if (!residual) return std::nullopt;
  // mid comes as multiples of 2^-149, z as multiples of 2^-133. A sum of 2^-22 of what it stands
  // for stays below 1, where only negative ones are cut off, and `a` within the range of floats.
  constexpr int kSmall = -22;
  end.residual.a = std::ldexp(residual->a, 149 + kSmall);
  end.residual.b = std::ldexp(residual->b, 133 + kSmall);
  end.residual.c = std::ldexp(residual->c, kSmall);
  end.y = std::ldexp(static_cast<float>(highest), -149 - kSmall);
  return end;
}

// Saturation to s8, and relu_mask, are the clamp.
bool saturates(const Epilogue& epilogue) {
  const Quantiser& y = epilogue.quantiser;
  return y.zero_point == 0 && y.lowest == -128.0f && y.highest == 127.0f &&
         epilogue.activation.kind != ActivationKind::clip;
}

// How lines from zero end, likewise: without z y is one that saturates(), with z the addition has
// the short form.
std::optional<LineEnd> end_from_zero(const Epilogue& epilogue, const Lines& lines, int z_lowest) {
  LineEnd end{};
  end.use = LineUse::from_zero;
  if (!epilogue.has_z) return saturates(epilogue) ? std::optional(end) : std::nullopt;
  // Of so few digits that `start` is exact, and rounded up: what is above 1 is cut off.
  const int digits = 21 + static_cast<int>(std::bit_width(static_cast<unsigned>(lines.steps - 1)));
  end.unit =
      static_cast<float>(std::ldexp(std::ceil(std::ldexp(1.0, digits) / lines.steps), -digits));
  end.rounding = kSignedUnit + static_cast<float>(lines.zero);
  end.start = -kSignedUnit * end.unit;
  const auto residual = prove_residual(epilogue, z_lowest, {lines.lowest, end.unit, 1.0f});
  if (!residual) return std::nullopt;
  end.residual = *residual;
  end.residual.b = std::ldexp(residual->b, 133);
  return end;
}

struct FoundLines {
  Lines lines;
  LineEnd end;
};

// Lines that kernels have the operations for.
std::optional<FoundLines> find_lines(const Epilogue& epilogue, LineKind kind, int z_lowest,
                                     bool exceptions) {
  auto lines = prove_lines(epilogue, kind, exceptions);
  if (!lines) return std::nullopt;
  auto end = kind == LineKind::from_lowest ? end_from_lowest(epilogue, *lines, z_lowest)
                                           : end_from_zero(epilogue, *lines, z_lowest);
  if (!end) return std::nullopt;
  end->but_one = exceptions;
  return FoundLines{std::move(*lines), *end};
}

// Those of the fewest instructions. Without z lines from zero have fewer wherever they end.
std::optional<FoundLines> find_lines(const Epilogue& epilogue, int z_lowest, bool exceptions) {
  if (!epilogue.has_z && saturates(epilogue))
    return find_lines(epilogue, LineKind::from_zero, z_lowest, false);
  auto found = find_lines(epilogue, LineKind::from_lowest, z_lowest, false);
  if (!epilogue.has_z) return found;
  if (!found) found = find_lines(epilogue, LineKind::from_zero, z_lowest, false);
  if (!found && exceptions) found = find_lines(epilogue, LineKind::from_lowest, z_lowest, true);
  return found;
}

template <typename T>
std::vector<T> whole_blocks(std::vector<T> values, int block) {
  const auto of = static_cast<std::size_t>(block);
  values.resize((values.size() + of - 1) / of * of, T{});
  return values;
}

template <typename T>
std::vector<T> tile_order(const std::vector<T>& values, int tile_n) {
  const auto n = static_cast<std::size_t>(tile_n);
  const std::vector<T> padded = whole_blocks(values, tile_n);
  std::vector<T> ordered(padded.size());
  for (std::size_t at = 0; at < ordered.size(); ++at) {
    const std::size_t four = at % n / 16, quarter = at % 16 / 4;
    ordered[at] = padded[at / n * n + quarter * (n / 4) + four * 4 + at % 4];
  }
  return ordered;
}

}  // namespace

ChannelConstants channel_constants(const Epilogue& epilogue, WgmmaRule rule,
                                   WgmmaConvParams& params, bool exceptions) {
  const auto found = find_lines(epilogue, params.z_unsigned ? 0 : -128, exceptions);
  if (!found) return canonical_constants(epilogue, rule);
  params.lines = found->end;
  ChannelConstants constants;
  for (const ChannelLine& line : found->lines.channels) {
    constants.m.push_back(line.a);
    constants.bias.push_back(std::bit_cast<std::int32_t>(line.b));
    if (params.lines.but_one)
      constants.exceptions.insert(constants.exceptions.end(), {line.but, line.more});
  }
  return constants;
}

ChannelConstants in_tile_order(const ChannelConstants& constants, int tile_n) {
  return {tile_order(constants.m, tile_n), tile_order(constants.bias, tile_n), {}};
}

ChannelConstants in_blocks(const ChannelConstants& constants, int block) {
  return {whole_blocks(constants.m, block), whole_blocks(constants.bias, block),
          whole_blocks(constants.exceptions, 2 * block)};
}

namespace {

// Fitted to bench/results/conv_wgmma_h200.json (1051 figures of one H200, batch 1, 8 and 128):
// microseconds, and amounts a microsecond and SM.
constexpr double kLaunch = 1.85, kTileStart = 0.363, kBlockOf128 = 0.215;
constexpr double kProducts = 7.09e6, kL2Bytes = 1.05e5, kMemoryBytes = 9.43e6 / 132;
constexpr double kReluOutputs = 2.09e4, kOtherOutputs = 2.2e4, kResidualOutputs = 9.03e3;

struct Work {
  double pixels, channels, k_tiles, tiles, bytes;
  bool residual, relu;
};

Work work_of(const Problem& problem, const WgmmaTile& tile) {
  const ConvGeometry g = conv_geometry(problem);
  const auto whole = [](double amount, double part) { return std::ceil(amount / part); };
  Work work{};
  work.pixels = static_cast<double>(g.n) * g.oh * g.ow;
  work.channels = g.k;
  work.k_tiles = g.r * g.s * whole(g.c, tile.k);
  work.tiles = whole(work.pixels, tile.m) * whole(g.k, tile.n);
  work.residual = problem.has_input(3);
  work.relu = problem.as<Conv2d>()->activation.kind == ActivationKind::relu;
  // A 1x1 filter with a stride leaves pixels of the input unread.
  const double read =
      g.r * g.s == 1 ? work.pixels * g.c : static_cast<double>(g.n) * g.h * g.w * g.c;
  work.bytes = read + static_cast<double>(g.k) * g.r * g.s * g.c +
               work.pixels * g.k * (work.residual ? 2 : 1);
  return work;
}

// A block with a tile alone: what starting takes, a wait for each stage, a share of what leaves the
// device. Fitted to layers of ResNet50 at batch 1 (bench/results/conv_single_h200.json).
double estimate_single(const Work& work, const WgmmaTile& tile, int multiprocessors) {
  constexpr double kStart = 1.26, kStage = 0.121, kResidual = 0.13, kColumn = 0.386 / 64;
  constexpr double kOutputs = 64 * 64 / 0.816;
  const double outputs = work.tiles * tile.m * tile.n / (kOutputs * multiprocessors);
  return kStart + kStage * work.k_tiles + outputs + (work.residual ? kResidual : 0.0) +
         kColumn * tile.n;
}

// A block of a cluster: the first loads, a step per rank of the reduction, the filter from L2.
double estimate_split(const Work& work, const WgmmaTile& tile, int multiprocessors) {
  constexpr double kStart = 2.53, kRank = 0.107, kBytes = 6.46e4;
  const double stages = std::ceil(work.k_tiles / tile.split);
  const double rounds = std::ceil(work.tiles * tile.split / multiprocessors);
  return kStart + kRank * tile.split + rounds * stages * (tile.m + tile.n) * tile.k / kBytes;
}

}  // namespace

double estimate_im2col_conv(const Problem& problem, const WgmmaTile& tile, int multiprocessors) {
  const Work work = work_of(problem, tile);
  if (tile.split == 1) return estimate_single(work, tile, multiprocessors);
  if (tile.split > 1) return estimate_split(work, tile, multiprocessors);
  const double depth = work.k_tiles * tile.k;
  const double filter = std::ceil(work.channels / tile.n) * tile.n * depth;
  const double area = tile.m * static_cast<double>(tile.n);
  const double loads = (tile.m + (filter <= kMostResidentFilter ? 0 : tile.n)) * depth;
  const double products = kTileStart + std::max({area * depth / kProducts,
                                                 depth / 128 * kBlockOf128, loads / kL2Bytes});
  const double outputs_rate = work.residual ? kResidualOutputs
                              : work.relu   ? kReluOutputs
                                            : kOtherOutputs;
  const double outputs = area / outputs_rate * (tile.n <= 64 ? 0.837 : 1.0);
  const double rounds = std::ceil(work.tiles / multiprocessors);
  // Teams finish tiles under each other's products; a single one cannot.
  const double busy =
      tile.teams > 1 ? rounds * std::max(products, outputs) : rounds * (products + 0.507 * outputs);
  const double memory = work.bytes / (kMemoryBytes * multiprocessors);
  // Neither hides the other wholly.
  constexpr double kPower = 1.25;
  const double both = std::pow(std::pow(busy, kPower) + std::pow(memory, kPower), 1.0 / kPower);
  const double last = outputs * (tile.teams > 1 ? 0.832 : 0.277) * (tile.m == 64 ? 0.5 : 1.0);
  return kLaunch + both + last;
}

}  // namespace octet::cuda
