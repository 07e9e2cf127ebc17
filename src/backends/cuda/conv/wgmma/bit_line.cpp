#include "backends/cuda/conv/wgmma/bit_line.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

#include "backends/cuda/conv/wgmma/staircase.hpp"

namespace octet::cuda {
namespace {

constexpr int kSteps = 127, kParts = 256;                                   // of a step
constexpr int kAdds = 512;                                                  // tried for each slope
constexpr std::array kPlaces{0, 1, -1, 2, -2, 3, -3, 4, -4, 5, -5, 6, -6};  // of the slope's last

class BitsSearch {
 public:
  explicit BitsSearch(Staircase staircase) : stairs_(std::move(staircase)) {}

  std::optional<ChannelBits> run() {
    if (stairs_.steps() != kSteps || !stairs_.find_steps()) return std::nullopt;
    const auto a = static_cast<float>(stairs_.slope() * kParts);
    for (const int places : kPlaces)
      if (auto bits = with_slope(std::bit_cast<float>(std::bit_cast<std::int32_t>(a) + places)))
        return bits;
    return std::nullopt;
  }

 private:
  std::optional<ChannelBits> with_slope(float a) {
    // Any sum below zero is one of the step 0.
    const auto least = -static_cast<std::int32_t>(std::floor(stairs_.begin(1))) + 1;
    // Where a line through the middle of sums and steps has its zero.
    const double zero = kParts * (stairs_.offset() + 0.5) - 0.5 + tilt(a);
    for (int i = 0; i < kAdds; ++i) {
      const std::int32_t add = least + i;
      const double b = std::nearbyint(zero - static_cast<double>(a) * add);
      if (std::abs(b) > 0x1p22) return std::nullopt;
      const ChannelBits bits{add, a, static_cast<std::int32_t>(b)};
      if (is_right(bits)) return bits;
    }
    return std::nullopt;
  }
  // What a slope that is a little off is off by in the middle, where it should be right.
  double tilt(float a) const {
    const double middle = (stairs_.begin(1) + stairs_.begin(kSteps)) / 2;
    return (stairs_.slope() * kParts - static_cast<double>(a)) * middle;
  }
  bool is_right(const ChannelBits& bits) {
    const double a = bits.a, b = a * bits.add + bits.b;
    if (!stairs_.is_near(a / kParts, (b + 0.5) / kParts - 0.5)) return false;
    // From here on floats are no integers' bits any more, but larger ones of larger sums.
    if (a * 0x1p23 + bits.b < (kSteps + 1) * kParts) return false;
    return wrong_step(stairs_.firsts(), [&](std::int32_t acc, int step) {
             return bit_step(bits, acc) >= step;
           }) == nullptr;
  }

  Staircase stairs_;
};

}  // namespace

float least_subnormals(std::int32_t number) { return std::ldexp(static_cast<float>(number), -149); }

int bit_step(const ChannelBits& bits, std::int32_t acc) {
  const std::int32_t sum = acc + bits.add;
  if (sum < 0) return 0;
  // Exact but for the rounding to an integer, to the even one of two.
  const double parts = std::nearbyint(static_cast<double>(sum) * static_cast<double>(bits.a) +
                                      static_cast<double>(bits.b));
  return static_cast<int>(std::clamp(parts, 0.0, 32767.0)) / kParts;
}

std::optional<std::vector<ChannelBits>> prove_bits(const Epilogue& epilogue) {
  const std::optional<FirstStep> step = FirstStep::of(epilogue);
  if (!step || step->lowest() != 0) return std::nullopt;
  std::vector<ChannelBits> channels;
  for (std::size_t channel = 0; channel < epilogue.m.size(); ++channel) {
    const auto bits = BitsSearch(Staircase(epilogue, *step, channel)).run();
    if (!bits) return std::nullopt;
    channels.push_back(*bits);
  }
  return channels;
}

}  // namespace octet::cuda
