// What a layer needs to know of its input to get weights under which it lives.
#pragma once

#include <octet/tensor.hpp>
#include <span>
#include <vector>

#include "base/random.hpp"
#include "ops/attributes.hpp"

namespace octet::models {

// Float weights {K,C/G,R,S} and a bias per output channel.
struct FloatLayer {
  Shape shape;
  std::vector<float> weights;
  std::vector<float> bias;
};

// Sums of a layer without bias at some output positions: values[position * channels + channel].
struct Samples {
  std::size_t positions = 0, channels = 0;
  std::vector<float> values;
};

// The real values that x (quantised per tensor, {N,C,H,W}) gives at random output positions, at
// most kMostPositions of them, or at all where there are fewer.
inline constexpr std::int64_t kMostPositions = 512;
Samples sample(const Tensor& x, const FloatLayer& layer, const Window2d& window,
               std::int64_t groups, Random& random);

// What each output channel shall look like before its activation.
struct Target {
  std::vector<float> mean, deviation;
};

// Scales weights and sets biases so that the samples meet the target, as a batch normalisation
// folded into the layer would; the samples are changed alike. Channels with too few samples for
// statistics of their own are treated alike.
void normalise(FloatLayer& layer, Samples& samples, const Target& target);

// A scale by which all but 1 in 1000 of the magnitudes stay within 127 steps, with some room for
// other pictures.
float scale_for(std::vector<float> magnitudes);

}  // namespace octet::models
