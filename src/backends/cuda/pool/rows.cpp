#include "backends/cuda/common/epilogue_upload.hpp"
#include "backends/cuda/common/layouts.hpp"
#include "backends/cuda/common/padding.hpp"
#include "backends/cuda/kernel_lists.hpp"
#include "backends/cuda/pool/pool.hpp"
#include "backends/cuda/runtime/check.hpp"
#include "ops/pool.hpp"
#include "ops/pool_geometry.hpp"
#include "ops/product.hpp"

namespace octet::cuda {
namespace {

// The pooling with fixed windows that an adaptive one is.
Pool2d as_pool2d(const Problem& problem) {
  if (const auto* pool = problem.as<Pool2d>()) return *pool;
  const Shape& y = problem.outputs[0].shape;
  return fixed_pool(*problem.as<AdaptivePool2d>(), problem.inputs[0].shape, y[2], y[3]);
}

bool requantises(const Problem& problem) {
  return !(problem.outputs[0].quant == problem.inputs[0].quant);
}

Verdict check_pool(const Problem&, const Demands&) { return Verdict::accept(); }

// What the kernels for bytes side by side ask for.
Verdict check_bytes(const Problem& problem) {
  const TensorType& x = problem.inputs[0];
  if (!is_byte(x.dtype)) return Verdict::refuse("the input is not 8-bit");
  if (x.quant && !x.quant->is_per_tensor()) return Verdict::refuse("there is a scale per channel");
  if (as_pool2d(problem).mode == PoolMode::max && requantises(problem))
    return Verdict::refuse("the maximum is requantised");
  return Verdict::accept();
}

PoolParams pool_params(const Problem& problem) {
  const Pool2d op = as_pool2d(problem);
  const TensorType& x = problem.inputs[0];
  const TensorType& y = problem.outputs[0];
  const auto integer = [](std::int64_t value) { return static_cast<int>(value); };
  PoolParams p{};
  p.is_float = x.dtype == DType::f32;
  p.is_unsigned = x.dtype == DType::u8 || x.dtype == DType::u4;
  p.include_padding = op.mode == PoolMode::average;
  p.requantises = requantises(problem);
  if (op.mode == PoolMode::max) p.method = PoolParams::kMax;
  else if (p.is_float || p.requantises || op.rule == QuantRule::onnx)
    p.method = PoolParams::kFloatAverage;
  else p.method = PoolParams::kIntegerAverage;
  p.n = integer(x.shape[0]);
  p.c = integer(x.shape[1]);
  p.h = integer(x.shape[2]);
  p.w = integer(x.shape[3]);
  p.oh = integer(y.shape[2]);
  p.ow = integer(y.shape[3]);
  const Window2d window = op.global ? Window2d{} : op.window;
  p.kernel_h = op.global ? p.h : integer(op.kernel[0]);
  p.kernel_w = op.global ? p.w : integer(op.kernel[1]);
  p.stride_h = integer(window.stride[0]);
  p.stride_w = integer(window.stride[1]);
  p.pad_top = integer(window.pad[0]);
  p.pad_left = integer(window.pad[1]);
  p.pad_bottom = integer(window.pad[2]);
  p.pad_right = integer(window.pad[3]);
  p.dilation_h = integer(window.dilation[0]);
  p.dilation_w = integer(window.dilation[1]);
  p.zero_point = x.quant ? x.quant->zero_point() : 0;
  p.scale = x.quant ? x.quant->scale() : 1.0f;
  if (y.quant) p.quantiser = to_params(Quantiser::make({y.dtype, y.quant}, op.rule));
  p.x = strides_of(x);
  p.y = strides_of(y);
  return p;
}

// The target of an adaptive pooling is known.
const std::vector<bool> kReads{true, false};

std::unique_ptr<Executable> prepare_pool(const Problem& problem, const Demands&) {
  return make_launch(
      [params = pool_params(problem), padding = padding_of(problem.outputs[0])](
          const RunArgs& args, cudaStream_t stream) {
        launch_pool(params, args.inputs[0], args.outputs[0], stream);
        launch_fill_padding(padding, args.outputs[0], stream);
        OCTET_CUDA_CHECK(cudaGetLastError());
      },
      0, kReads);
}

Verdict check_max_nhwc(const Problem& problem, const Demands&) {
  if (const Verdict bytes = check_bytes(problem); !bytes) return bytes;
  const TensorType& x = problem.inputs[0];
  if (as_pool2d(problem).mode != PoolMode::max) return Verdict::refuse("it is an average");
  for (const TensorType* type : {&x, &problem.outputs[0]})
    if (!(type->layout == kNHWC) && !(type->layout == kNHWC4))
      return Verdict::refuse("a value is in " + to_string(type->layout));
  if (x.shape[1] % 16 != 0) return Verdict::refuse("the channels are not a multiple of 16");
  return Verdict::accept();
}

std::unique_ptr<Executable> prepare_max_nhwc(const Problem& problem, const Demands&) {
  return make_launch(
      [params = pool_params(problem)](const RunArgs& args, cudaStream_t stream) {
        launch_max_pool_nhwc(params, args.inputs[0], args.outputs[0], stream);
        OCTET_CUDA_CHECK(cudaGetLastError());
      },
      0, kReads);
}

Verdict check_vectors(const Problem& problem, const Demands&) {
  if (const Verdict bytes = check_bytes(problem); !bytes) return bytes;
  const TensorType& x = problem.inputs[0];
  if (!(x.layout == problem.outputs[0].layout)) return Verdict::refuse("the layouts differ");
  if (!fours_side_by_side(x)) return Verdict::refuse("fewer than 4 channels lie side by side");
  if (x.physical_elements() > std::int64_t{1} << 31)
    return Verdict::refuse("the input has more than 2^31 elements");
  return Verdict::accept();
}

PoolVectors pool_vectors(const Problem& problem) {
  const TensorType& x = problem.inputs[0];
  const bool pixels = x.layout == kNHWC || x.layout == kNHWC4, images = x.layout == kCHWN4;
  const int vector = x.layout.vector, n = static_cast<int>(x.shape[0]);
  const int channels = (static_cast<int>(x.shape[1]) + vector - 1) / vector * vector;
  PoolVectors v{};
  const bool max = as_pool2d(problem).mode == PoolMode::max;
  const bool wide = max && (images ? n % 4 == 0 : (pixels ? channels : vector) % 16 == 0);
  v.bytes = wide ? 16 : 4;
  v.images_inside = images;
  const int channels_of_vector = wide && !images ? 16 : 4;
  v.per_pixel = channels / channels_of_vector;
  v.inside = pixels ? v.per_pixel : vector / channels_of_vector;
  v.images = wide && images ? n / 4 : n;
  v.repeat = max && !wide && v.inside == 1 && v.per_pixel % 4 == 0 ? 4 : 1;
  return v;
}

std::unique_ptr<Executable> prepare_vectors(const Problem& problem, const Demands&) {
  return make_launch(
      [params = pool_params(problem), vectors = pool_vectors(problem)](const RunArgs& args,
                                                                       cudaStream_t stream) {
        launch_vector_pool(params, vectors, args.inputs[0], args.outputs[0], stream);
        OCTET_CUDA_CHECK(cudaGetLastError());
      },
      0, kReads);
}

// A window that is the whole map.
Verdict check_whole(const Problem& problem, const Demands&) {
  if (const Verdict bytes = check_bytes(problem); !bytes) return bytes;
  const TensorType& x = problem.inputs[0];
  const TensorType& y = problem.outputs[0];
  if (as_pool2d(problem).mode == PoolMode::max) return Verdict::refuse("it is a maximum");
  const PoolParams p = pool_params(problem);
  const bool padded = p.pad_top != 0 || p.pad_left != 0 || p.pad_bottom != 0 || p.pad_right != 0;
  if (padded || p.kernel_h != p.h || p.kernel_w != p.w || p.dilation_h != 1 || p.dilation_w != 1)
    return Verdict::refuse("the window is not the whole map");
  if (!(x.layout == y.layout)) return Verdict::refuse("the layouts differ");
  if (!(x.layout == kNHWC) && !(x.layout == kNHWC4) && x.layout.vector % 16 != 0)
    return Verdict::refuse("fewer than 16 channels lie side by side");
  if (x.shape[1] % 16 != 0 || x.shape[1] % x.layout.vector != 0)
    return Verdict::refuse("the channels are not whole vectors of 16");
  if (x.shape[0] > 65535) return Verdict::refuse("there are more than 65535 images");
  return Verdict::accept();
}

std::unique_ptr<Executable> prepare_whole(const Problem& problem, const Demands&) {
  return make_launch(
      [params = pool_params(problem)](const RunArgs& args, cudaStream_t stream) {
        launch_whole_average(params, args.inputs[0], args.outputs[0], stream);
        OCTET_CUDA_CHECK(cudaGetLastError());
      },
      0, kReads);
}

}  // namespace

std::span<const Kernel> pool2d_rows() {
  static const Kernel rows[] = {{"pool_max_x8_nhwc_sm75", check_max_nhwc, prepare_max_nhwc},
                                {"pool_average_x8_whole_sm75", check_whole, prepare_whole},
                                {"pool_x8_vectors_sm75", check_vectors, prepare_vectors},
                                {"pool_any_direct_sm75", check_pool, prepare_pool}};
  return rows;
}

}  // namespace octet::cuda
