// Rows for pooling of bytes in NHWC: a window's taps are rows of neighbouring channels.
#include <algorithm>

#include "backends/cpu/checks.hpp"
#include "backends/cpu/rows.hpp"
#include "backends/cpu/vector_rows.hpp"
#include "kernels/host_context.hpp"
#include "ops/pool_geometry.hpp"

namespace octet::cpu {
namespace {

// Above this many taps the average's sums could leave the integers that binary32 holds.
constexpr std::int64_t kMostTaps = 32'000;

// Adaptive pooling is fixed pooling once the output is known.
Pool2d pool_of(const Problem& problem) {
  if (const auto* pool = problem.as<Pool2d>()) return *pool;
  const Shape& y = problem.outputs[0].shape;
  return fixed_pool(*problem.as<AdaptivePool2d>(), problem.inputs[0].shape, y[2], y[3]);
}

class PoolExecutable final : public Executable {
 public:
  PoolExecutable(const Problem& problem, const VectorKernels& kernels, int)
      : kernels_(kernels), op_(pool_of(problem)), x_(problem.inputs[0]) {
    const PoolGeometry geometry = PoolGeometry::of(op_, x_.shape);
    for (const std::size_t axis : {std::size_t{0}, std::size_t{1}})
      for (std::int64_t i = 0; i < geometry.output[2 + axis]; ++i)
        taps_[axis].push_back(
            pool_taps_at(geometry.window, axis, geometry.kernel[axis], x_.shape[2 + axis], i));
    if (!x_.quant) return;
    average_.real = op_.rule == QuantRule::onnx;
    average_.x = ByteScale::of(x_);
    average_.quantiser =
        Quantiser::make(op_.output.value_or(OutputSpec{x_.dtype, x_.quant}), op_.rule);
  }

  void run(const RunArgs& args) const override {
    const auto oh = static_cast<std::int64_t>(taps_[0].size());
    HostThreads(args.context).parallel(x_.shape[0] * oh, [&](std::int64_t row, int) {
      run_row(args, row / oh, taps_[0][static_cast<std::size_t>(row % oh)], row);
    });
  }
  bool reads_input(std::size_t index) const override { return index == 0; }

 private:
  void run_row(const RunArgs& args, std::int64_t n, const PoolTaps& rows, std::int64_t row) const {
    const std::int64_t c = x_.shape[1], w = x_.shape[3];
    const std::byte* image = args.inputs[0] + n * x_.shape[2] * w * c;
    std::byte* y = args.outputs[0] + row * static_cast<std::int64_t>(taps_[1].size()) * c;
    PoolWindow window;
    window.rows = rows.inside;
    window.row_stride = rows.step * w * c;
    window.channels = c;
    for (const PoolTaps& columns : taps_[1]) {
      window.first = image + (rows.begin * w + columns.begin) * c;
      window.columns = columns.inside;
      window.column_stride = columns.step * c;
      if (op_.mode == PoolMode::max) kernels_.max_pool(window, average_.x.is_signed, y);
      else run_average(window, rows.padded * columns.padded, y);
      y += c;
    }
  }

  void run_average(const PoolWindow& window, std::int64_t padded, std::byte* y) const {
    const std::int64_t inside = window.rows * window.columns;
    const std::int64_t count = op_.mode == PoolMode::average ? padded : inside;
    PoolAverage average = average_;
    average.divisor = static_cast<float>(count);
    const int zero = x_.quant ? x_.quant->zero_point() : 0;
    if (!average.real) average.offset = static_cast<std::int32_t>((count - inside) * zero);
    kernels_.average_pool(window, average, y);
  }

  const VectorKernels& kernels_;
  Pool2d op_;
  TensorType x_;
  std::vector<PoolTaps> taps_[2];
  PoolAverage average_;
};

Verdict check(const Problem& problem) {
  const TensorType& x = problem.inputs[0];
  if (!(x.layout == kNHWC) || !(problem.outputs[0].layout == kNHWC))
    return Verdict::refuse("x and y are not both NHWC");
  const Pool2d op = pool_of(problem);
  if (op.mode == PoolMode::max && !is_byte(x.dtype))
    return Verdict::refuse(concat("x is ", to_string(x.dtype), ", not s8 or u8"));
  if (op.mode == PoolMode::max && !(problem.outputs[0].quant == x.quant))
    return Verdict::refuse("the maximum changes its scale");
  if (op.mode != PoolMode::max)
    if (const Verdict bytes = check_quantised_byte(x, "x"); !bytes) return bytes;
  const PoolGeometry geometry = PoolGeometry::of(op, x.shape);
  if (geometry.kernel[0] * geometry.kernel[1] > kMostTaps)
    return Verdict::refuse(concat("a window has more than ", kMostTaps, " taps"));
  for (const std::size_t axis : {std::size_t{0}, std::size_t{1}})
    for (std::int64_t i = 0; i < geometry.output[2 + axis]; ++i)
      if (pool_taps_at(geometry.window, axis, geometry.kernel[axis], x.shape[2 + axis], i).inside <
          1)
        return Verdict::refuse("a window lies in the padding altogether");
  return Verdict::accept();
}

}  // namespace

std::vector<Kernel> pool_rows(std::string_view kind) {
  return vector_rows<check, construct<PoolExecutable>>(std::string(kind) + "_q8_nhwc");
}

}  // namespace octet::cpu
