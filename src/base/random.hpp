// Random numbers that are the same on every platform, unlike those of <random>'s distributions.
#pragma once

#include <cstdint>

namespace octet {

// SplitMix64 (Steele, Lea, Flood 2014): one 64-bit state, every seed is a good one.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() noexcept {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }

  // In [0, 1), a multiple of 2^-53.
  double uniform() noexcept { return static_cast<double>(next() >> 11) * 0x1p-53; }

  // An integer in [lowest, highest]. The bias is below span / 2^64.
  std::int64_t between(std::int64_t lowest, std::int64_t highest) noexcept {
    const std::uint64_t span =
        static_cast<std::uint64_t>(highest) - static_cast<std::uint64_t>(lowest);
    const std::uint64_t offset = span == ~std::uint64_t{0} ? next() : next() % (span + 1);
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(lowest) + offset);
  }

  // About normal with mean 0 and variance 1, within -3.5 and 3.5: the sum of four uniform 16-bit
  // numbers, which needs no function of the C library and so has the same bits everywhere.
  float normal() noexcept {
    const std::uint64_t bits = next();
    const std::uint64_t sum =
        (bits & 0xffff) + (bits >> 16 & 0xffff) + (bits >> 32 & 0xffff) + (bits >> 48);
    constexpr float kMean = 2.0f * 65535.0f;
    constexpr float kInverseDeviation = 2.6429e-5f;  // 1 / sqrt(4 * (2^32 - 1) / 12)
    return (static_cast<float>(sum) - kMean) * kInverseDeviation;
  }

 private:
  std::uint64_t state_;
};

}  // namespace octet
