#include "backends/cuda/conv/stem/plan.hpp"

#include <algorithm>
#include <bit>
#include <cstdlib>

#include "backends/cuda/common/epilogue_upload.hpp"
#include "backends/cuda/common/layouts.hpp"
#include "backends/cuda/conv/geometry.hpp"
#include "backends/cuda/conv/operand_checks.hpp"
#include "backends/cuda/conv/wgmma/plan.hpp"
#include "ir/readers.hpp"
#include "ops/convert.hpp"
#include "ops/pool.hpp"
#include "ops/subgraph.hpp"

namespace octet::cuda {
namespace {

// As stem.cuh has them: columns of the convolution in a tile, columns of the pool that only this
// tile has where there are several, and the pixels that a column of the convolution can see,
// counted from twice its index.
constexpr int kTileColumns = 112, kTilePooled = 55, kFirstPixel = -3, kLastPixel = 5;
constexpr int kChannels = 3, kPairsPerMultiprocessor = 2;

int divide_up(int a, int b) { return (a + b - 1) / b; }

bool by_words(const TensorType& type) { return type.layout == kNCHW4 || type.layout == kCHWN4; }

bool is_plain_s8(const TensorType& type) {
  return type.dtype == DType::s8 && type.quant->is_symmetric();
}

Verdict check_output(const TensorType& y) {
  if (is_nhwc(y) || by_words(y)) return Verdict::accept();
  if (!(y.layout == kNCHW32))
    return Verdict::refuse("the output is in none of NHWC, NCHW32, NCHW4 and CHWN4");
  if (y.shape[1] % 32 != 0)
    return Verdict::refuse("the output's channels do not fill planes of 32");
  return Verdict::accept();
}

Verdict check_conv(const Problem& conv) {
  const auto& op = *conv.as<Conv2d>();
  const Shape& w = conv.inputs[1].shape;
  const TensorType& y = conv.outputs[0];
  if (op.groups != 1) return Verdict::refuse("the convolution is grouped");
  if (conv.has_input(3)) return Verdict::refuse("the convolution has a z");
  if (const Verdict bias = check_constant_bias(conv); !bias) return bias;
  if (const Verdict filter = check_symmetric_filter(conv); !filter) return filter;
  if (op.window.stride != std::array<std::int64_t, 2>{2, 2} ||
      op.window.dilation != std::array<std::int64_t, 2>{1, 1})
    return Verdict::refuse("the convolution's stride is not 2, or it is dilated");
  if (w[2] > 7) return Verdict::refuse("the filter has more than 7 rows");
  const std::int64_t first = -op.window.pad[1], last = first + w[3] - 1;
  if (first < kFirstPixel || last > kLastPixel)
    return Verdict::refuse(
        "the filter sees pixels further away than 3 to the left, 5 to the right");
  if (!y.is_quantised() || (y.dtype != DType::s8 && y.dtype != DType::u8))
    return Verdict::refuse("the output is not 8-bit quantised");
  if (y.shape[1] % 16 != 0 || y.shape[1] > kStemChannels)
    return Verdict::refuse("the output channels are not 16, 32, 48 or 64");
  if (y.shape[2] % 2 != 0 || y.shape[3] % 2 != 0)
    return Verdict::refuse("the convolution's map has an odd side");
  if (!wgmma_form(conv)) return Verdict::refuse("the epilogue is not one that is compiled");
  return Verdict::accept();
}

Verdict check_words(const TensorType& y, const Problem& conv) {
  if (by_words(y) && !stem_stores_words(wgmma_form(conv)->rule))
    return Verdict::refuse("by the ONNX rule its output is not in " + to_string(y.layout));
  return Verdict::accept();
}

// Maxima of 3x3 with stride 2 over a map of even sides.
Verdict check_pool(const Problem& pool, const TensorType& map) {
  const auto& op = *pool.as<Pool2d>();
  const TensorType& y = pool.outputs[0];
  const auto& window = op.window;
  if (op.mode != PoolMode::max || op.global || op.kernel != std::array<std::int64_t, 2>{3, 3} ||
      window.stride != std::array<std::int64_t, 2>{2, 2} || window.pad[0] != 1 ||
      window.pad[1] != 1 || window.dilation != std::array<std::int64_t, 2>{1, 1})
    return Verdict::refuse("the pool is no 3x3 maximum of stride 2 and padding 1");
  if (y.dtype != map.dtype || !(y.quant == map.quant))
    return Verdict::refuse("the pool changes the scale");
  if (y.shape[2] * 2 != map.shape[2] || y.shape[3] * 2 != map.shape[3])
    return Verdict::refuse("the pool's map is not half of the convolution's");
  return Verdict::accept();
}

// Pooling sums instead of outputs needs sums that do not wrap once ibias is added.
Verdict check_range(const Problem& conv) {
  const Filter filter = read_filter(conv);
  const Epilogue epilogue = conv_epilogue(conv, filter.sums());
  const std::size_t each = filter.values.size() / epilogue.m.size();
  for (std::size_t k = 0; k < epilogue.m.size(); ++k) {
    std::int64_t most = std::abs(static_cast<std::int64_t>(epilogue.ibias[k]));
    for (std::size_t i = 0; i < each; ++i) most += 255 * std::abs(filter.values[k * each + i]);
    if (most > INT32_MAX) return Verdict::refuse("the sums with their bias may exceed 32 bits");
  }
  return Verdict::accept();
}

}  // namespace

Verdict check_stem_input(const Problem& bring, const Problem& conv) {
  const TensorType& x = bring.inputs[0];
  const TensorType& q = conv.inputs[0];
  if (!(x.layout == kNCHW)) return Verdict::refuse("the input is not in NCHW");
  if (x.dtype != DType::f32 && !(x.dtype == q.dtype && x.quant == q.quant))
    return Verdict::refuse("the input is neither f32 nor the convolution's own integers");
  if (!q.quant || !q.quant->is_per_tensor() || (q.dtype != DType::s8 && q.dtype != DType::u8))
    return Verdict::refuse("the convolution's input is not 8-bit with one scale");
  if (x.dtype == DType::f32 && !is_plain_s8(q) && bring.as<Convert>()->rule != QuantRule::onnx)
    return Verdict::refuse("MegEngine's rule makes the input another type than s8");
  if (x.shape[1] > kChannels) return Verdict::refuse("there are more than 3 input channels");
  if (x.shape[3] * static_cast<std::int64_t>(size_of(x.dtype)) % 16 != 0)
    return Verdict::refuse("the input's rows are not multiples of 16 bytes");
  return Verdict::accept();
}

StemInput stem_input(const Problem& bring, const Problem& conv) {
  if (bring.inputs[0].dtype != DType::f32) return StemInput::bytes;
  const bool mge = is_plain_s8(conv.inputs[0]) && bring.as<Convert>()->rule == QuantRule::mge;
  return mge ? StemInput::f32_mge : StemInput::f32_onnx;
}

std::optional<StemChain> stem_chain(const Problem& problem) {
  const auto* op = problem.as<Subgraph>();
  if (op == nullptr || problem.inputs.size() != 1 || problem.outputs.size() != 1)
    return std::nullopt;
  StemChain chain;
  chain.graph = op->inner_for(problem.inputs);
  const Graph& graph = chain.graph;
  const NodeId bring = only_reader(graph, graph.inputs()[0]);
  if (!is<Convert>(graph, bring) && !is<Relayout>(graph, bring)) return std::nullopt;
  const NodeId conv = only_reader(graph, graph.node(bring).outputs[0]);
  if (!is<Conv2d>(graph, conv)) return std::nullopt;
  if (const ValueId map = graph.node(conv).outputs[0]; !graph.is_output(map)) {
    const NodeId pool = only_reader(graph, map);
    if (!is<Pool2d>(graph, pool) || !graph.is_output(graph.node(pool).outputs[0]))
      return std::nullopt;
    chain.pool = Problem::of(graph, pool);
  }
  chain.bring = Problem::of(graph, bring);
  chain.conv = Problem::of(graph, conv);
  return chain;
}

Verdict check_stem(const Problem& problem) {
  const std::optional<StemChain> chain = stem_chain(problem);
  if (!chain) return Verdict::refuse("it is no chain of quantising, convolution and pool");
  if (const Verdict output = check_output(problem.outputs[0]); !output) return output;
  if (const Verdict input = check_stem_input(chain->bring, chain->conv); !input) return input;
  if (const Verdict conv = check_conv(chain->conv); !conv) return conv;
  if (const Verdict words = check_words(problem.outputs[0], chain->conv); !words) return words;
  if (chain->pool)
    if (const Verdict pool = check_pool(*chain->pool, chain->conv.outputs[0]); !pool) return pool;
  const Shape& y = chain->conv.outputs[0].shape;
  if (y[0] * y[2] * y[3] > (1 << 30)) return Verdict::refuse("there are more than 2^30 pixels");
  return check_range(chain->conv);
}

StemForm stem_form(const StemChain& chain) {
  const WgmmaForm form = *wgmma_form(chain.conv);
  StemEpilogue epilogue{};
  epilogue.input = stem_input(chain.bring, chain.conv);
  epilogue.x_unsigned = form.x_unsigned;
  epilogue.rule = form.rule;
  epilogue.lines = form.plain && chain.conv.as<Conv2d>()->activation.kind == ActivationKind::relu;
  return {epilogue, chain.conv.inputs[1].shape[2] <= 3 ? 3 : 7, chain.pool.has_value()};
}

int stem_pad_left(const StemChain& chain) {
  return static_cast<int>(chain.conv.as<Conv2d>()->window.pad[1]);
}

StemBoxes stem_boxes(StemBoxes compiled, const StemForm& form, int tiles) {
  if (form.pool && tiles > 1) compiled.out_columns = kTilePooled;
  return compiled;
}

std::vector<std::uint32_t> pack_stem_filter(const Filter& filter, int rows, int pad_left) {
  std::vector<std::uint32_t> packed(static_cast<std::size_t>(rows * 4 * 128));
  for (int r = 0; r < filter.r; ++r)
    for (int part = 0; part < 4; ++part)
      for (int thread = 0; thread < 128; ++thread) {
        const int lane = thread % 32, k = thread / 32 * 16 + lane / 4 * 2 + part % 2;
        std::uint32_t word = 0;
        for (int byte = 0; byte < 4; ++byte) {
          // Bytes 0 to 11: pixels -2 .. 1 of each channel; 12 to 14: pixel -3. The second chunk is
          // the same four pixels on, and of it only what the first does not hold counts.
          const int at = lane % 4 * 4 + byte, chunk = part / 2;
          const int c = at < 12 ? at / 4 : at - 12;
          const int pixel = (at < 12 ? at % 4 - 2 : kFirstPixel) + 4 * chunk;
          const int s = pixel + pad_left;
          if (chunk == 1 && at >= 12) continue;
          if (k >= filter.k || c >= filter.c || s < 0 || s >= filter.s) continue;
          word |= static_cast<std::uint32_t>(static_cast<std::uint8_t>(filter.at(k, c, r, s)))
                  << (8 * byte);
        }
        packed[static_cast<std::size_t>((r * 4 + part) * 128 + thread)] = word;
      }
  return packed;
}

StemConstants stem_constants(const Epilogue& epilogue, StemEpilogue& form) {
  WgmmaConvParams params{};
  ChannelConstants of = form.lines ? channel_constants(epilogue, form.rule, params)
                                   : canonical_constants(epilogue, form.rule);
  form.lines = params.lines.use == LineUse::from_zero;
  of.m.resize(kStemChannels, 0.0f);
  of.bias.resize(kStemChannels, 0);
  return {std::move(of.m), std::move(of.bias)};
}

StemParams stem_params(const StemChain& chain, const TensorType& y, const Epilogue& epilogue,
                       int multiprocessors) {
  const ConvGeometry g = conv_geometry(chain.conv);
  const TensorType& q = chain.conv.inputs[0];
  const bool several = chain.pool && g.ow > kTileColumns;
  StemParams p{};
  p.h = g.h;
  p.w = g.w;
  p.pad_top = g.pad_top;
  p.steps = g.oh / 2;
  p.tiles = several ? divide_up(g.ow / 2, kTilePooled) : divide_up(g.ow, kTileColumns);
  p.units = g.n * p.tiles * p.steps;
  p.units_per_pair = divide_up(p.units, kPairsPerMultiprocessor * multiprocessors);
  if (const auto* convert = chain.bring.as<Convert>())
    p.quantiser = to_params(Quantiser::make({q.dtype, q.quant}, convert->rule));
  p.padding = 0x01010101u * static_cast<std::uint8_t>(q.quant->zero_point());
  p.step = wgmma_step(epilogue.quantiser, epilogue.activation);
  if (y.layout == kNCHW32) p.y_planes = static_cast<int>(y.shape[1] / 32);
  if (by_words(y)) {
    const int of_tile = !chain.pool ? kTileColumns : several ? kTilePooled : kTileColumns / 2;
    p.words = {nullptr, strides_of(y), static_cast<int>(y.shape[1] / 4),
               static_cast<int>(y.shape[3]), of_tile};
  }
  return p;
}

}  // namespace octet::cuda
