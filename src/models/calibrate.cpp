#include "models/calibrate.hpp"

#include <algorithm>
#include <cmath>

namespace octet::models {
namespace {

constexpr std::size_t kFewestPositions = 16;
constexpr float kLeastDeviation = 1e-6f;
constexpr float kCentring = 0.65f;

struct Geometry {
  std::int64_t n, c, h, w, k, cg, r, s, oh, ow;
};

Geometry geometry_of(const Shape& x, const Shape& filter, const Window2d& window) {
  return {x[0],
          x[1],
          x[2],
          x[3],
          filter[0],
          filter[1],
          filter[2],
          filter[3],
          window_positions(window, 0, x[2], filter[2]),
          window_positions(window, 1, x[3], filter[3])};
}

std::vector<std::int64_t> choose_positions(std::int64_t count, Random& random) {
  std::vector<std::int64_t> chosen(static_cast<std::size_t>(std::min(count, kMostPositions)));
  for (std::size_t i = 0; i < chosen.size(); ++i)
    chosen[i] =
        count <= kMostPositions ? static_cast<std::int64_t>(i) : random.between(0, count - 1);
  return chosen;
}

// The inputs under the window at one position, zeros outside the map: {C,R,S}.
void gather(const Tensor& x, const Geometry& g, const Window2d& window, std::int64_t position,
            std::span<float> patch) {
  const auto values = x.values<std::int8_t>();
  const float scale = x.type().quant->scale();
  const std::int64_t n = position / (g.oh * g.ow), oh = position / g.ow % g.oh,
                     ow = position % g.ow;
  std::size_t at = 0;
  for (std::int64_t c = 0; c < g.c; ++c)
    for (std::int64_t r = 0; r < g.r; ++r)
      for (std::int64_t s = 0; s < g.s; ++s, ++at) {
        const std::int64_t h = oh * window.stride[0] - window.pad[0] + r;
        const std::int64_t w = ow * window.stride[1] - window.pad[1] + s;
        const bool inside = h >= 0 && h < g.h && w >= 0 && w < g.w;
        const auto index = static_cast<std::size_t>(((n * g.c + c) * g.h + h) * g.w + w);
        patch[at] = inside ? scale * static_cast<float>(values[index]) : 0.0f;
      }
}

// weights {K,taps} to {G,taps,K/G}, so that the sums of a group's channels grow side by side.
std::vector<float> interleave(const FloatLayer& layer, std::size_t groups) {
  const auto channels = static_cast<std::size_t>(layer.shape[0]) / groups;
  const std::size_t taps = layer.weights.size() / (channels * groups);
  std::vector<float> out(layer.weights.size());
  for (std::size_t g = 0; g < groups; ++g)
    for (std::size_t k = 0; k < channels; ++k)
      for (std::size_t t = 0; t < taps; ++t)
        out[(g * taps + t) * channels + k] = layer.weights[(g * channels + k) * taps + t];
  return out;
}

struct Moments {
  float mean, deviation;
};

Moments moments_of(const Samples& samples, std::size_t first, std::size_t step) {
  double sum = 0, squares = 0;
  std::size_t count = 0;
  for (std::size_t i = first; i < samples.values.size(); i += step, ++count) {
    const double value = static_cast<double>(samples.values[i]);
    sum += value;
    squares += value * value;
  }
  const double mean = sum / static_cast<double>(count);
  const double variance = std::max(squares / static_cast<double>(count) - mean * mean, 0.0);
  return {static_cast<float>(mean),
          std::max(static_cast<float>(std::sqrt(variance)), kLeastDeviation)};
}

}  // namespace

Samples sample(const Tensor& x, const FloatLayer& layer, const Window2d& window,
               std::int64_t groups, Random& random) {
  const Geometry g = geometry_of(x.shape(), layer.shape, window);
  const auto positions = choose_positions(g.n * g.oh * g.ow, random);
  const auto group_count = static_cast<std::size_t>(groups);
  const auto channels = static_cast<std::size_t>(g.k);
  const std::size_t group_channels = channels / group_count;
  const auto taps = static_cast<std::size_t>(g.cg * g.r * g.s);
  const std::vector<float> weights = interleave(layer, group_count);
  std::vector<float> patch(taps * group_count);

  Samples samples{positions.size(), channels, std::vector<float>(positions.size() * channels)};
  for (std::size_t p = 0; p < positions.size(); ++p) {
    gather(x, g, window, positions[p], patch);
    for (std::size_t i = 0; i < patch.size(); ++i) {
      if (patch[i] == 0.0f) continue;
      float* sums = samples.values.data() + p * channels + i / taps * group_channels;
      const float* row = weights.data() + i * group_channels;
      for (std::size_t k = 0; k < group_channels; ++k) sums[k] += patch[i] * row[k];
    }
  }
  return samples;
}

void normalise(FloatLayer& layer, Samples& samples, const Target& target) {
  const bool own = samples.positions >= kFewestPositions;
  std::vector<Moments> moments(samples.channels, moments_of(samples, 0, 1));
  for (std::size_t k = 0; own && k < samples.channels; ++k)
    moments[k] = moments_of(samples, k, samples.channels);
  float square = 0.0f;
  for (const Moments& m : moments) {
    const float kept = (1.0f - kCentring) * m.mean;
    square += m.deviation * m.deviation + kept * kept;
  }
  const float deviation = std::sqrt(square / static_cast<float>(samples.channels));

  const std::size_t taps = layer.weights.size() / samples.channels;
  layer.bias.resize(samples.channels);
  for (std::size_t k = 0; k < samples.channels; ++k) {
    const float factor = target.deviation[k] / deviation;
    const float offset = target.mean[k] - kCentring * moments[k].mean * factor;
    for (std::size_t t = 0; t < taps; ++t) layer.weights[k * taps + t] *= factor;
    layer.bias[k] = offset;
    for (std::size_t i = k; i < samples.values.size(); i += samples.channels)
      samples.values[i] = samples.values[i] * factor + offset;
  }
}

float scale_for(std::vector<float> magnitudes) {
  constexpr float kSteps = 127.0f, kHeadroom = 1.4f, kLeastScale = 1e-5f;
  for (float& value : magnitudes) value = std::abs(value);
  const std::size_t rank = magnitudes.size() - 1 - magnitudes.size() / 1000;
  std::nth_element(magnitudes.begin(), magnitudes.begin() + static_cast<std::ptrdiff_t>(rank),
                   magnitudes.end());
  return std::max(magnitudes[rank] * kHeadroom / kSteps, kLeastScale);
}

}  // namespace octet::models
