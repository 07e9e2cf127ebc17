// Depthwise convolutions: one input channel per output channel, NHWC.
//
// The input goes through a padded copy of unsigned bytes; a channel's taps are then dot products of
// four, for a whole vector of channels at once. With a stride of 1 neighbouring positions lie side
// by side like channels do, so some are taken together where the channels alone do not fill the
// vectors: 32 channels are done in pairs of positions.
#include <algorithm>

#include "backends/cpu/conv_common.hpp"
#include "backends/cpu/padded_input.hpp"
#include "backends/cpu/rows.hpp"
#include "backends/cpu/vector_rows.hpp"
#include "base/format.hpp"
#include "kernels/host_context.hpp"

namespace octet::cpu {
namespace {

constexpr std::int64_t kBandBytes = 128 * 1024;  // of input rows
constexpr std::int64_t kMostPositions = 8;       // between two calls of the epilogue
constexpr std::int64_t kMostMerged = 16;         // neighbouring positions taken together

// How many neighbouring positions are taken together: as many as need the fewest vectors each.
std::int64_t merged_positions(const ConvGeometry& shape, std::int64_t block) {
  if (shape.window.stride[1] != 1) return 1;
  const auto blocks = [&](std::int64_t merged) { return (merged * shape.c + block - 1) / block; };
  std::int64_t best = 1;
  for (std::int64_t merged = 2; merged <= std::min(shape.ow, kMostMerged); ++merged)
    if (blocks(merged) * best < blocks(best) * merged) best = merged;
  return best;
}

// The constants of `merged` neighbouring positions, one after the other.
PackedEpilogue repeated(PackedEpilogue packed, std::size_t channels, std::int64_t merged) {
  const auto repeat = [&](auto& values) {
    values.resize(channels);
    const auto once = values;
    for (std::int64_t i = 1; i < merged; ++i) values.insert(values.end(), once.begin(), once.end());
    values.resize(values.size() + PackedEpilogue::kPadding);
  };
  repeat(packed.epilogue.ibias);
  repeat(packed.epilogue.m);
  repeat(packed.epilogue.fbias);
  return packed;
}

struct DepthwiseWeights {
  int tap_quads = 0;
  std::vector<std::int32_t> sums;
  Tensor bytes;  // [block][tap quad][block_lane()][4]

  // For `merged` positions side by side; `sums` are those of one.
  static DepthwiseWeights pack(const WeightView& view, const ConvGeometry& shape,
                               std::int64_t merged, int width) {
    DepthwiseWeights packed;
    const std::int64_t block = 4 * width, taps = shape.r * shape.s;
    packed.tap_quads = static_cast<int>((taps + 3) / 4);
    const std::int64_t lanes = merged * shape.c, blocks = (lanes + block - 1) / block;
    packed.bytes = Tensor(
        TensorType{DType::s8, Shape{blocks * packed.tap_quads * block * 4}, kNCHW, std::nullopt});
    std::int8_t* const to = packed.bytes.mutable_values<std::int8_t>().data();
    for (std::int64_t i = 0; i < lanes; ++i) {
      const std::int64_t c = i % shape.c;
      const std::int64_t lane = block_lane(width, static_cast<int>(i % block));
      std::int32_t sum = 0;
      for (std::int64_t tap = 0; tap < taps; ++tap) {
        const int weight = view.at(
            c * view.stride_k + tap / shape.s * view.stride_r + tap % shape.s * view.stride_s, c);
        const std::int64_t quad = i / block * packed.tap_quads + tap / 4;
        to[(quad * block + lane) * 4 + tap % 4] = static_cast<std::int8_t>(weight);
        sum += weight;
      }
      if (i < shape.c) packed.sums.push_back(sum);
    }
    return packed;
  }
};

class DepthwiseConv final : public Executable {
 public:
  DepthwiseConv(const Problem& problem, const VectorKernels& kernels, int threads);

  void run(const RunArgs& args) const override;
  std::size_t workspace() const override {
    return static_cast<std::size_t>(scratch_bytes_ * threads_);
  }
  bool reads_input(std::size_t index) const override { return index == 0 || index == 3; }

 private:
  void run_band(const RunArgs& args, std::int64_t image, std::int64_t first_row, std::int64_t rows,
                std::uint8_t* scratch) const;
  void run_row(const RunArgs& args, std::int64_t position, const std::uint8_t* input) const;
  // `count` groups of positions, of which each has `lanes` channels, from `position` on.
  void run_groups(const RunArgs& args, std::int64_t position, std::int64_t count,
                  std::int64_t lanes, const std::uint8_t* input) const;

  const VectorKernels& kernels_;
  ConvGeometry shape_;
  int threads_;
  std::int64_t merged_;  // positions in a group
  PaddedInput input_;
  DepthwiseWeights weights_;
  std::vector<std::ptrdiff_t> tap_offsets_;
  PackedEpilogue epilogue_;
  std::int64_t element_bytes_;  // of the output
  std::int64_t band_rows_ = 1, scratch_bytes_ = 0;
};

DepthwiseConv::DepthwiseConv(const Problem& problem, const VectorKernels& kernels, int threads)
    : kernels_(kernels),
      shape_(shape_of(*problem.as<Conv2d>(), problem.inputs[0].shape, problem.inputs[1].shape,
                      problem.outputs[0].shape)),
      threads_(threads),
      merged_(merged_positions(shape_, 4 * kernels.width)),
      input_(PaddedInput::make(shape_, problem.inputs[0])),
      weights_(
          DepthwiseWeights::pack(view_of(*problem.constants[1], problem.as<Conv2d>()->flip_filter),
                                 shape_, merged_, kernels.width)),
      epilogue_(repeated(conv_epilogue(problem, weights_.sums, byte_shift(problem.inputs[0])),
                         static_cast<std::size_t>(shape_.c), merged_)),
      element_bytes_(static_cast<std::int64_t>(size_of(problem.outputs[0].dtype))) {
  for (std::int64_t tap = 0; tap < 4 * weights_.tap_quads; ++tap) {
    const std::int64_t real = std::min(tap, shape_.r * shape_.s - 1);
    tap_offsets_.push_back(real / shape_.s * shape_.window.dilation[0] * input_.row_bytes +
                           real % shape_.s * shape_.window.dilation[1] * shape_.c);
  }
  const std::int64_t row = std::max<std::int64_t>(input_.row_bytes * shape_.window.stride[0], 1);
  band_rows_ = std::clamp<std::int64_t>(kBandBytes / row, 1, std::max<std::int64_t>(shape_.oh, 1));
  if (threads > 1) band_rows_ = std::min(band_rows_, (shape_.oh + threads - 1) / threads);
  scratch_bytes_ = input_.rows_for(shape_, band_rows_) * input_.row_bytes;
  scratch_bytes_ = (scratch_bytes_ + 4 * kernels.width + 63) / 64 * 64;
}

void DepthwiseConv::run_row(const RunArgs& args, std::int64_t position,
                            const std::uint8_t* input) const {
  const std::int64_t groups = shape_.ow / merged_, rest = shape_.ow % merged_;
  run_groups(args, position, groups, merged_ * shape_.c, input);
  const std::int64_t done = groups * merged_;
  if (rest > 0) run_groups(args, position + done, 1, rest * shape_.c, input + done * shape_.c);
}

void DepthwiseConv::run_groups(const RunArgs& args, std::int64_t position, std::int64_t count,
                               std::int64_t lanes, const std::uint8_t* input) const {
  alignas(64) std::int32_t sums[kMostPositions * 4 * 16];
  const std::int64_t block_lanes = 4 * kernels_.width;
  DepthwiseBlock block;
  block.window_stride = merged_ * shape_.window.stride[1] * shape_.c;
  block.tap_offsets = tap_offsets_.data();
  block.tap_quads = weights_.tap_quads;
  block.weights = weights_.bytes.values<std::int8_t>().data();
  block.sums = sums;
  EpilogueRows rows;
  rows.sums = sums;
  rows.sums_stride = block_lanes;
  rows.z_stride = merged_ * shape_.k;
  rows.y_stride = rows.z_stride * element_bytes_;
  for (std::int64_t lane = 0; lane < lanes; lane += block_lanes) {
    rows.first_channel = static_cast<std::size_t>(lane);
    rows.channels = static_cast<int>(std::min(block_lanes, lanes - lane));
    for (std::int64_t group = 0; group < count; group += kMostPositions) {
      block.window = input + lane + group * block.window_stride;
      block.positions = static_cast<int>(std::min(kMostPositions, count - group));
      kernels_.depthwise(block);
      rows.rows = block.positions;
      const std::int64_t first = (position + group * merged_) * shape_.k + lane;
      rows.y = args.outputs[0] + first * element_bytes_;
      if (epilogue_.epilogue.has_z) rows.z = args.inputs[3] + first;
      kernels_.epilogue(epilogue_, rows);
    }
    block.weights += weights_.tap_quads * block_lanes * 4;
  }
}

void DepthwiseConv::run_band(const RunArgs& args, std::int64_t image, std::int64_t first_row,
                             std::int64_t rows, std::uint8_t* scratch) const {
  const auto* x = reinterpret_cast<const std::uint8_t*>(args.inputs[0]) +
                  image * shape_.h * shape_.w * shape_.c;
  input_.fill(shape_, kernels_, x, first_row, rows, scratch);
  for (std::int64_t row = 0; row < rows; ++row)
    run_row(args, (image * shape_.oh + first_row + row) * shape_.ow,
            scratch + row * shape_.window.stride[0] * input_.row_bytes);
}

void DepthwiseConv::run(const RunArgs& args) const {
  const std::int64_t bands = (shape_.oh + band_rows_ - 1) / band_rows_;
  HostThreads(args.context).parallel(shape_.n * bands, [&](std::int64_t task, int thread) {
    const std::int64_t first_row = task % bands * band_rows_;
    run_band(args, task / bands, first_row, std::min(band_rows_, shape_.oh - first_row),
             reinterpret_cast<std::uint8_t*>(args.workspace) + thread * scratch_bytes_);
  });
}

Verdict check(const Problem& problem) {
  const Verdict conv = check_conv(problem);
  if (!conv) return conv;
  const auto& op = *problem.as<Conv2d>();
  const std::int64_t c = problem.inputs[0].shape[1], k = problem.outputs[0].shape[1];
  if (op.groups != c || k != c)
    return Verdict::refuse(concat("it is not depthwise: ", c, " input and ", k,
                                  " output channels in ", op.groups, " groups"));
  return Verdict::accept();
}

}  // namespace

std::vector<Kernel> conv_depthwise_rows() {
  return vector_rows<check, construct<DepthwiseConv>>("conv2d_q8_nhwc_depthwise");
}

}  // namespace octet::cpu
