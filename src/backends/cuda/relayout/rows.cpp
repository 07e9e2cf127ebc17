#include "backends/cuda/kernel_lists.hpp"
#include "backends/cuda/move/copy.hpp"
#include "backends/cuda/relayout/relayout.hpp"
#include "backends/cuda/runtime/check.hpp"
#include "backends/cuda/runtime/context.hpp"
#include "ops/convert.hpp"

namespace octet::cuda {
namespace {

Verdict check_relayout(const Problem& problem, const Demands&) {
  if (problem.inputs[0].shape.rank() != 4)
    return Verdict::refuse("the value has no (N,C,H,W) axes");
  return Verdict::accept();
}

RelayoutParams relayout_params(const TensorType& from, const TensorType& to) {
  RelayoutParams params{};
  const auto extent = [&](std::size_t axis) { return static_cast<int>(from.shape[axis]); };
  params.n = extent(0);
  params.c = extent(1);
  params.h = extent(2);
  params.w = extent(3);
  const int vector = to.layout.vector;
  params.padded_c = (params.c + vector - 1) / vector * vector;
  params.from = strides_of(from);
  params.to = strides_of(to);
  for (std::size_t i = 0; i < 4; ++i)
    params.order[i] = static_cast<int>(std::string_view("NCHW").find(to.layout.order[i]));
  params.fill = to.is_quantised() ? to.quant->zero_point() : 0;
  params.element_bytes = static_cast<int>(size_of(to.dtype));
  return params;
}

// Maps of one pixel, above all: their layouts differ in name alone.
bool same_bytes(const TensorType& from, const TensorType& to) {
  if (from.bytes() != to.bytes()) return false;
  const Strides a = strides_of(from), b = strides_of(to);
  const auto agree = [&](std::size_t axis, long long step_a, long long step_b) {
    return from.shape[axis] == 1 || step_a == step_b;
  };
  if (!agree(0, a.n, b.n) || !agree(2, a.h, b.h) || !agree(3, a.w, b.w)) return false;
  const auto channel = [](const Strides& s, long long c) {
    return c / s.vector * s.c + c % s.vector;
  };
  for (long long c = 0; c < from.shape[1]; ++c)
    if (channel(a, c) != channel(b, c)) return false;
  return true;
}

std::unique_ptr<Executable> prepare_relayout(const Problem& problem, const Demands&) {
  if (same_bytes(problem.inputs[0], problem.outputs[0]))
    return make_copy(problem.outputs[0].bytes());
  const RelayoutParams params = relayout_params(problem.inputs[0], problem.outputs[0]);
  return make_launch([params](const RunArgs& args, cudaStream_t stream) {
    launch_relayout(params, args.inputs[0], args.outputs[0], stream);
    OCTET_CUDA_CHECK(cudaGetLastError());
  });
}

// Channels in memory, or 0 where fewer than four lie side by side.
int channels_in_fours(const TensorType& type) {
  const int vector = type.layout.vector, channels = static_cast<int>(type.shape[1]);
  if (type.layout == kNHWC) return channels % 4 == 0 ? channels : 0;
  return vector % 4 == 0 ? (channels + vector - 1) / vector * vector : 0;
}

// Channels that lie side by side.
int channels_inside(const TensorType& type) {
  const bool pixels = type.layout == kNHWC || type.layout == kNHWC4;
  return pixels ? channels_in_fours(type) : type.layout.vector;
}

Verdict check_vectors(const Problem& problem, const Demands& demands) {
  if (const Verdict any = check_relayout(problem, demands); !any) return any;
  const TensorType& from = problem.inputs[0];
  const TensorType& to = problem.outputs[0];
  if (size_of(from.dtype) != 1) return Verdict::refuse("the elements are no bytes");
  if (channels_in_fours(from) == 0 || channels_in_fours(to) == 0)
    return Verdict::refuse("fewer than 4 channels lie side by side");
  if (to.physical_elements() > std::int64_t{1} << 31)
    return Verdict::refuse("there are more than 2^31 elements");
  return Verdict::accept();
}

std::unique_ptr<Executable> prepare_vectors(const Problem& problem, const Demands&) {
  const TensorType& from = problem.inputs[0];
  const TensorType& to = problem.outputs[0];
  VectorRelayoutParams params{};
  params.n = static_cast<int>(from.shape[0]);
  params.h = static_cast<int>(from.shape[2]);
  params.w = static_cast<int>(from.shape[3]);
  params.bytes = channels_inside(from) % 16 == 0 && channels_inside(to) % 16 == 0 ? 16 : 4;
  params.vectors = channels_in_fours(to) / params.bytes;
  params.from_vectors = channels_in_fours(from) / params.bytes;
  params.inside = channels_inside(to) / params.bytes;
  params.images_inside = to.layout == kCHWN4;
  params.from = strides_of(from);
  params.to = strides_of(to);
  params.fill =
      to.is_quantised() ? static_cast<unsigned>(to.quant->zero_point() & 0xff) * 0x01010101u : 0;
  return make_launch([params](const RunArgs& args, cudaStream_t stream) {
    launch_vector_relayout(params, args.inputs[0], args.outputs[0], stream);
    OCTET_CUDA_CHECK(cudaGetLastError());
  });
}

}  // namespace

std::span<const Kernel> relayout_rows() {
  static const Kernel rows[] = {{"relayout_x8_vectors_sm75", check_vectors, prepare_vectors},
                                {"relayout_any_copy_sm75", check_relayout, prepare_relayout}};
  return rows;
}

}  // namespace octet::cuda
