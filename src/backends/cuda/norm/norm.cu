// First the statistics: one thread a line, in order, since the order of float additions is part of
// the result; bound by latency where there are few lines. Then one thread an element, bound by
// memory and, on devices with few binary64 units, by those.
#include <cmath>

#include "backends/cuda/common/element.cuh"
#include "backends/cuda/common/launch.cuh"
#include "backends/cuda/common/launch_chained.cuh"
#include "backends/cuda/norm/norm.hpp"

namespace octet::cuda {
namespace {

__global__ __launch_bounds__(kElementThreads) void channel_statistics(
    const __grid_constant__ ChannelStatistics p, const void* scale, const void* mean,
    const void* variance, Normaliser* to) {
  begin_in_chain();
  const long long c = element_index();
  if (c >= p.channels) return;
  to[c] = {load_element<double>(p.mean, mean, c),
           load_element<double>(p.scale, scale, c) /
               std::sqrt(load_element<double>(p.variance, variance, c) + p.epsilon)};
}

__global__ __launch_bounds__(kElementThreads) void line_statistics(
    const __grid_constant__ LineStatistics p, const void* x, Normaliser* to, void* means,
    void* inverses) {
  begin_in_chain();
  const long long line = element_index();
  if (line >= p.lines.count()) return;
  const long long first = p.lines.first(line), last = first + p.lines.length * p.lines.inner;
  const auto count = static_cast<double>(p.lines.length);
  double mean = 0.0, squares = 0.0;
  for (long long at = first; at < last; at += p.lines.inner)
    mean += load_element<double>(p.x, x, at);
  mean /= count;
  for (long long at = first; at < last; at += p.lines.inner) {
    const double v = load_element<double>(p.x, x, at);
    squares += (v - mean) * (v - mean);
  }
  const double inverse = 1.0 / std::sqrt(squares / count + p.epsilon);
  to[line] = {mean, inverse};
  if (means == nullptr) return;
  store_element(p.statistics, means, line, mean);
  store_element(p.statistics, inverses, line, inverse);
}

__global__ __launch_bounds__(kElementThreads) void normalise(
    const __grid_constant__ NormaliseParams p, const void* x, const Normaliser* normalisers,
    const void* weight, const void* bias, void* y) {
  begin_in_chain();
  const long long i = element_index();
  if (i >= p.count) return;
  const Normaliser by = normalisers[i / p.length % p.lines];
  const long long parameter = i / p.repeat % p.parameters;
  double v = (load_element<double>(p.x, x, i) - by.mean) * by.factor;
  if (weight != nullptr) v = v * load_element<double>(p.weight, weight, parameter);
  if (bias != nullptr) v = v + load_element<double>(p.bias, bias, parameter);
  store_element(p.y, y, i, v);
}

__global__ __launch_bounds__(kElementThreads) void local_response(
    const __grid_constant__ LocalResponseParams p, const void* x, void* y) {
  begin_in_chain();
  const long long i = element_index(), inner = p.channels.inner;
  if (i >= p.channels.count() * p.channels.length) return;
  const long long c = i / inner % p.channels.length;
  const long long from = c < p.before ? 0 : c - p.before;
  const long long until = c + p.after < p.channels.length ? c + p.after : p.channels.length - 1;
  double squares = 0.0;
  for (long long k = from; k <= until; ++k) {
    const double v = load_element<double>(p.format, x, i + (k - c) * inner);
    squares += v * v;
  }
  const double v = load_element<double>(p.format, x, i);
  store_element(p.format, y, i, v / std::pow(p.bias + p.factor * squares, p.beta));
}

LaunchShape shape_for(long long count) { return {element_blocks(count), kElementThreads}; }

}  // namespace

void launch_channel_statistics(const ChannelStatistics& params, const void* scale, const void* mean,
                               const void* variance, Normaliser* to, cudaStream_t stream) {
  if (params.channels > 0)
    launch_chained(channel_statistics, shape_for(params.channels), stream, params, scale, mean,
                   variance, to);
}

void launch_line_statistics(const LineStatistics& params, const void* x, Normaliser* to,
                            void* means, void* inverses, cudaStream_t stream) {
  if (params.lines.count() > 0)
    launch_chained(line_statistics, shape_for(params.lines.count()), stream, params, x, to, means,
                   inverses);
}

void launch_normalise(const NormaliseParams& params, const void* x, const Normaliser* normalisers,
                      const void* weight, const void* bias, void* y, cudaStream_t stream) {
  if (params.count > 0)
    launch_chained(normalise, shape_for(params.count), stream, params, x, normalisers, weight, bias,
                   y);
}

void launch_local_response(const LocalResponseParams& params, const void* x, void* y,
                           cudaStream_t stream) {
  const long long count = params.channels.count() * params.channels.length;
  if (count > 0) launch_chained(local_response, shape_for(count), stream, params, x, y);
}

}  // namespace octet::cuda
