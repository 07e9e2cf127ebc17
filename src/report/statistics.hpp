// What a list of measured times says.
#pragma once

#include <cstddef>
#include <span>

namespace octet {

// In the unit of the samples. Without samples everything but `count` and `total` is NaN.
struct Statistics {
  std::size_t count = 0;
  double total = 0.0;
  double mean = 0.0;
  double deviation = 0.0;  // of the sample (count - 1); NaN below two samples
  double lowest = 0.0, highest = 0.0;
  double p50 = 0.0, p90 = 0.0, p95 = 0.0, p99 = 0.0;  // interpolated between neighbours
};

Statistics summarise(std::span<const double> samples);

}  // namespace octet
