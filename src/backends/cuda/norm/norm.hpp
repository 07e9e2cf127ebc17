// Normalisations of floats of any width. As in the reference everything is computed in binary64 and
// each output rounded once.
#pragma once

#include <cuda_runtime.h>

#include "ops/axis_lines.hpp"
#include "ops/element_format.hpp"

namespace octet::cuda {

// What a line of x is normalised by: y = (v - mean) * factor.
struct Normaliser {
  double mean, factor;
};

// Of each channel: mean and scale / sqrt(variance + epsilon).
struct ChannelStatistics {
  int channels;
  double epsilon;
  ElementFormat scale, mean, variance;
};
void launch_channel_statistics(const ChannelStatistics& params, const void* scale, const void* mean,
                               const void* variance, Normaliser* to, cudaStream_t stream);

// Of each line: its mean and 1 / sqrt(its variance + epsilon), and both as values where asked for.
struct LineStatistics {
  AxisLines lines;
  double epsilon;
  ElementFormat x, statistics;
};
void launch_line_statistics(const LineStatistics& params, const void* x, Normaliser* to,
                            void* means, void* inverses, cudaStream_t stream);

// y = (x - mean) * factor * weight + bias, where `weight` and `bias` may be nullptr.
struct NormaliseParams {
  long long count;
  long long length, lines;       // element i belongs to normaliser i / length % lines
  long long repeat, parameters;  // and to parameter i / repeat % parameters
  ElementFormat x, y, weight, bias;
};
void launch_normalise(const NormaliseParams& params, const void* x, const Normaliser* normalisers,
                      const void* weight, const void* bias, void* y, cudaStream_t stream);

// y = x / (bias + factor * sum of squares over neighbouring channels)^beta.
struct LocalResponseParams {
  AxisLines channels;
  long long before, after;
  double factor, bias, beta;
  ElementFormat format;
};
void launch_local_response(const LocalResponseParams& params, const void* x, void* y,
                           cudaStream_t stream);

}  // namespace octet::cuda
