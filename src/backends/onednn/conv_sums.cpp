// Quantised convolutions, exactly: oneDNN computes the integer sums of a band of output rows, and
// the canonical epilogue of backends/cpu turns them into outputs while they are in cache.
//
// oneDNN sees unsigned bytes without padding or zero point: the band's input rows are copied with
// their padding, signed bytes as 128 more, and the epilogue's biases are corrected for both.
#include <algorithm>

#include "backends/cpu/conv_common.hpp"
#include "backends/cpu/padded_input.hpp"
#include "backends/onednn/primitives.hpp"
#include "backends/onednn/rows.hpp"

namespace octet::onednn {
namespace {

using cpu::ConvGeometry;
using cpu::PackedEpilogue;
using cpu::PaddedInput;

constexpr std::int64_t kBandBytes = 512 * 1024;  // of sums: half of a usual level 2 cache
constexpr std::int64_t kAlignment = 64;

std::int64_t aligned(std::int64_t bytes) {
  return (bytes + kAlignment - 1) / kAlignment * kAlignment;
}

// A band of output rows as a convolution of its own. All bands have the same height; the last one
// begins early enough to end with the image.
struct Bands {
  ConvGeometry shape;
  PaddedInput input;
  std::int64_t rows = 1;  // of output

  explicit Bands(const Problem& problem)
      : shape(cpu::shape_of(*problem.as<Conv2d>(), problem.inputs[0].shape, problem.inputs[1].shape,
                            problem.outputs[0].shape)),
        input(PaddedInput::make(shape, problem.inputs[0])) {
    const std::int64_t row_bytes = shape.ow * shape.k * 4;
    const std::int64_t count =
        (shape.oh * row_bytes + kBandBytes - 1) / std::max<std::int64_t>(kBandBytes, 1);
    rows = (shape.oh + count - 1) / std::max<std::int64_t>(count, 1);
  }

  std::int64_t input_rows() const { return input.rows_for(shape, rows); }
  std::int64_t input_bytes() const {
    return aligned(input_rows() * input.row_bytes + static_cast<std::int64_t>(cpu::kOverread));
  }
  std::int64_t sums_bytes() const { return aligned((rows * shape.ow * shape.k + 64) * 4); }
  ConvSpec spec() const {
    ConvSpec spec;
    spec.x = {1, shape.c, input_rows(), input.row_bytes / shape.c};
    spec.w = {shape.k, shape.c_per_group(), shape.r, shape.s};
    spec.y = {1, shape.k, rows, shape.ow};
    spec.window = shape.window;
    spec.window.pad = {};
    spec.groups = shape.groups;
    return spec;
  }
};

std::vector<std::int8_t> signed_weights(const Problem& problem, const ConvGeometry& shape) {
  const auto& op = *problem.as<Conv2d>();
  const cpu::WeightView view = cpu::view_of(*problem.constants[1], op.flip_filter);
  std::vector<std::int8_t> weights;
  weights.reserve(problem.constants[1]->bytes());
  for (std::int64_t k = 0; k < shape.k; ++k)
    for (std::int64_t c = 0; c < shape.c_per_group(); ++c)
      for (std::int64_t r = 0; r < shape.r; ++r)
        for (std::int64_t s = 0; s < shape.s; ++s)
          weights.push_back(static_cast<std::int8_t>(view.at(
              k * view.stride_k + c * view.stride_c + r * view.stride_r + s * view.stride_s, k)));
  return weights;
}

std::vector<std::int32_t> sums_by_channel(const std::vector<std::int8_t>& weights,
                                          std::int64_t channels) {
  std::vector<std::int32_t> sums(static_cast<std::size_t>(channels), 0);
  const std::size_t each = weights.size() / sums.size();
  for (std::size_t i = 0; i < weights.size(); ++i) sums[i / each] += weights[i];
  return sums;
}

class SumsConv final : public Executable {
 public:
  SumsConv(const Problem& problem, int threads)
      : bands_(problem),
        kernels_(cpu::vector_kernels(cpu::has(cpu::Isa::avx512_vnni) ? cpu::Isa::avx512_vnni
                                                                     : cpu::Isa::avx2)),
        element_bytes_(static_cast<std::int64_t>(size_of(problem.outputs[0].dtype))) {
    const ThreadCount guard(threads);
    const std::vector<std::int8_t> weights = signed_weights(problem, bands_.shape);
    epilogue_ = cpu::conv_epilogue(problem, sums_by_channel(weights, bands_.shape.k),
                                   cpu::byte_shift(problem.inputs[0]));
    primitive_ = make(bands_.spec(), reinterpret_cast<const std::byte*>(weights.data()));
  }

  std::size_t workspace() const override {
    return static_cast<std::size_t>(bands_.input_bytes() + bands_.sums_bytes()) +
           primitive_->scratchpad();
  }
  bool reads_input(std::size_t index) const override { return index == 0 || index == 3; }

  void run(const RunArgs& args) const override {
    const ThreadCount guard(threads_of(args.context));
    const ConvGeometry& shape = bands_.shape;
    for (std::int64_t image = 0; image < shape.n; ++image)
      for (std::int64_t row = 0; row < shape.oh; row += bands_.rows)
        run_band(args, image, std::min(row, shape.oh - bands_.rows));
  }

 private:
  void run_band(const RunArgs& args, std::int64_t image, std::int64_t first_row) const {
    const ConvGeometry& shape = bands_.shape;
    std::byte* const input = args.workspace;
    std::byte* const sums = input + bands_.input_bytes();
    bands_.input.fill(
        shape, kernels_,
        reinterpret_cast<const std::uint8_t*>(args.inputs[0]) + image * shape.h * shape.w * shape.c,
        first_row, bands_.rows, reinterpret_cast<std::uint8_t*>(input));
    primitive_->run(input, sums, sums + bands_.sums_bytes());

    const std::int64_t position = (image * shape.oh + first_row) * shape.ow;
    cpu::EpilogueRows rows;
    rows.sums = reinterpret_cast<const std::int32_t*>(sums);
    rows.sums_stride = shape.k;
    rows.rows = static_cast<int>(bands_.rows * shape.ow);
    rows.channels = static_cast<int>(shape.k);
    rows.y_stride = shape.k * element_bytes_;
    rows.y = args.outputs[0] + position * rows.y_stride;
    rows.z_stride = shape.k;
    if (epilogue_.epilogue.has_z) rows.z = args.inputs[3] + position * shape.k;
    kernels_.epilogue(epilogue_, rows);
  }

  Bands bands_;
  const cpu::VectorKernels& kernels_;
  std::int64_t element_bytes_;
  PackedEpilogue epilogue_;
  std::unique_ptr<Primitive> primitive_;
};

Verdict check_sums(const Problem& problem, const Demands& demands) {
  if (const Verdict conv = cpu::check_conv(problem); !conv) return conv;
  if (const Verdict exact = check_exact_products(); !exact) return exact;
  if (problem.outputs[0].shape.elements() == 0) return Verdict::refuse("the output is empty");
  const ThreadCount guard(demands.threads);
  return check(Bands(problem).spec());
}

std::unique_ptr<Executable> prepare(const Problem& problem, const Demands& demands) {
  return std::make_unique<SumsConv>(problem, demands.threads);
}

}  // namespace

std::vector<Kernel> conv_sums_rows() {
  return {{"conv2d_q8_nhwc_onednn_sums", check_sums, prepare}};
}

}  // namespace octet::onednn
