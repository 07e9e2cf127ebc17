// Rows for quantise, dequantise, requantise and relayout, each also together with a change between
// NCHW and NHWC.
#include <algorithm>
#include <cstring>

#include "backends/cpu/checks.hpp"
#include "backends/cpu/physical_shape.hpp"
#include "backends/cpu/rows.hpp"
#include "backends/cpu/transpose.hpp"
#include "backends/cpu/vector_rows.hpp"
#include "kernels/host_context.hpp"
#include "ops/convert.hpp"

namespace octet::cpu {
namespace {

constexpr std::int64_t kChunkBytes = 32 * 1024;  // of values on their way through both steps
constexpr std::int64_t kRunElements = 16 * 1024;

// Converts neighbouring elements.
class ElementConverter {
 public:
  ElementConverter(const Problem& problem, const VectorKernels& kernels)
      : kernels_(kernels), x_(problem.inputs[0]), y_(problem.outputs[0]) {
    const auto* convert = problem.as<Convert>();
    if (convert == nullptr) {
      kind_ = Kind::copy;
    } else if (x_.dtype == DType::f32) {
      kind_ = Kind::quantise;
      quantiser_ = Quantiser::make(convert->output, convert->rule);
    } else if (y_.dtype == DType::f32) {
      kind_ = Kind::dequantise;
    } else {
      kind_ = Kind::look_up;
      make_table(*convert);
    }
  }

  std::int64_t x_bytes() const { return static_cast<std::int64_t>(size_of(x_.dtype)); }
  std::int64_t y_bytes() const { return static_cast<std::int64_t>(size_of(y_.dtype)); }
  bool copies() const { return kind_ == Kind::copy; }

  void run(const std::byte* x, std::int64_t count, std::byte* y) const {
    switch (kind_) {
      case Kind::copy: std::memcpy(y, x, static_cast<std::size_t>(count * x_bytes())); return;
      case Kind::quantise:
        return kernels_.quantise(quantiser_, y_.dtype == DType::s8,
                                 reinterpret_cast<const float*>(x), count, y);
      case Kind::dequantise:
        return kernels_.dequantise(ByteScale::of(x_), x, count, reinterpret_cast<float*>(y));
      case Kind::look_up:
        for (std::int64_t i = 0; i < count; ++i) y[i] = table_[std::to_integer<std::size_t>(x[i])];
    }
  }

 private:
  enum class Kind : std::uint8_t { copy, quantise, dequantise, look_up };

  void make_table(const Convert& op) {
    std::array<std::byte, 256> all{};
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<std::byte>(i);
    const TensorType from{x_.dtype, Shape{256}, kNCHW, x_.quant};
    const TensorType to{y_.dtype, Shape{256}, kNCHW, y_.quant};
    const ConstView in(from, all.data());
    const View out(to, table_.data());
    op.compute({&in, 1}, {&out, 1});
  }

  const VectorKernels& kernels_;
  TensorType x_, y_;
  Kind kind_ = Kind::copy;
  Quantiser quantiser_;
  std::array<std::byte, 256> table_{};
};

class ConvertExecutable final : public Executable {
 public:
  ConvertExecutable(const Problem& problem, const VectorKernels& kernels, int threads)
      : converter_(problem, kernels),
        x_(problem.inputs[0]),
        threads_(threads),
        same_order_(x_.layout == problem.outputs[0].layout || x_.shape.rank() != 4),
        to_nhwc_(problem.outputs[0].layout == kNHWC) {}

  std::size_t workspace() const override {
    return same_order_ || converter_.copies() ? 0
                                              : static_cast<std::size_t>(chunk_bytes() * threads_);
  }
  bool may_overwrite(std::size_t) const override {
    return same_order_ && converter_.x_bytes() == converter_.y_bytes();
  }

  void run(const RunArgs& args) const override {
    const HostThreads threads(args.context);
    if (same_order_) {
      const std::int64_t count = x_.shape.elements();
      threads.parallel((count + kRunElements - 1) / kRunElements, [&](std::int64_t run, int) {
        const std::int64_t at = run * kRunElements;
        converter_.run(args.inputs[0] + at * converter_.x_bytes(),
                       std::min(kRunElements, count - at),
                       args.outputs[0] + at * converter_.y_bytes());
      });
      return;
    }
    const std::int64_t chunks = (pixels() + chunk_pixels() - 1) / chunk_pixels();
    threads.parallel(x_.shape[0] * chunks, [&](std::int64_t task, int thread) {
      const std::int64_t first = task % chunks * chunk_pixels();
      turn(args, task / chunks, first, std::min(chunk_pixels(), pixels() - first),
           args.workspace + thread * chunk_bytes());
    });
  }

 private:
  std::int64_t pixels() const { return x_.shape[2] * x_.shape[3]; }
  std::int64_t channels() const { return x_.shape[1]; }
  std::int64_t chunk_pixels() const {
    const std::int64_t fitting =
        kChunkBytes / std::max<std::int64_t>(channels() * converter_.y_bytes(), 1);
    return std::clamp<std::int64_t>(fitting, 16, 2048);
  }
  std::int64_t chunk_bytes() const {
    return (channels() * chunk_pixels() * converter_.y_bytes() + 63) / 64 * 64;
  }

  // Pixels [first, first + count) of image n, converted in the input's order and then turned.
  void turn(const RunArgs& args, std::int64_t n, std::int64_t first, std::int64_t count,
            std::byte* chunk) const {
    const std::int64_t c = channels(), p = pixels(), xb = converter_.x_bytes(),
                       yb = converter_.y_bytes();
    const std::byte* x = args.inputs[0] + n * c * p * xb;
    std::byte* y = args.outputs[0] + n * c * p * yb;
    const auto size = static_cast<std::size_t>(yb);
    if (converter_.copies()) {
      if (to_nhwc_) transpose(x + first * xb, p * xb, c, count, size, y + first * c * yb, c * yb);
      else transpose(x + first * c * xb, c * xb, count, c, size, y + first * yb, p * yb);
    } else if (to_nhwc_) {
      for (std::int64_t i = 0; i < c; ++i)
        converter_.run(x + (i * p + first) * xb, count, chunk + i * count * yb);
      transpose(chunk, count * yb, c, count, size, y + first * c * yb, c * yb);
    } else {
      converter_.run(x + first * c * xb, count * c, chunk);
      transpose(chunk, c * yb, count, c, size, y + first * yb, p * yb);
    }
  }

  ElementConverter converter_;
  TensorType x_;
  int threads_;
  bool same_order_;  // every element stays at its place
  bool to_nhwc_;     // else from NHWC to NCHW
};

Verdict check_orders(const Problem& problem) {
  const TensorType &x = problem.inputs[0], &y = problem.outputs[0];
  if (x.layout == y.layout && is_unpacked(x)) return Verdict::accept();
  const auto is = [](const TensorType& type, const Layout& layout) {
    return type.layout == layout;
  };
  if ((is(x, kNCHW) && is(y, kNHWC)) || (is(x, kNHWC) && is(y, kNCHW))) return Verdict::accept();
  return Verdict::refuse(concat("it goes from ", to_string(x.layout), " to ", to_string(y.layout)));
}

Verdict check_relayout(const Problem& problem) {
  const std::size_t size = size_of(problem.inputs[0].dtype);
  if (size != 1 && size != 4)
    return Verdict::refuse(concat("elements of ", size, " bytes are not moved"));
  return check_orders(problem);
}

Verdict check_convert(const Problem& problem) {
  const TensorType &x = problem.inputs[0], &y = problem.outputs[0];
  if (x.dtype == DType::f32 && y.dtype == DType::f32) return Verdict::refuse("both sides are f32");
  if (x.dtype != DType::f32)
    if (const Verdict bytes = check_quantised_byte(x, "x"); !bytes) return bytes;
  if (y.dtype != DType::f32)
    if (const Verdict bytes = check_quantised_byte(y, "y"); !bytes) return bytes;
  return check_orders(problem);
}

}  // namespace

std::vector<Kernel> convert_rows() {
  return vector_rows<check_convert, construct<ConvertExecutable>>("convert_q8");
}

std::vector<Kernel> relayout_rows() {
  return vector_rows<check_relayout, construct<ConvertExecutable>>("relayout_nchw_nhwc");
}

}  // namespace octet::cpu
