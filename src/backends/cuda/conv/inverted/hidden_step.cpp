#include "backends/cuda/conv/inverted/hidden_step.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace octet::cuda {
namespace {

constexpr int kHighest = 127;
constexpr std::int32_t kMostReach = 1 << 23;  // sums are exact as floats

// A channel's byte is at least `byte` from this sum on.
struct Step {
  std::int32_t sum;
  int byte;
};

class Channel {
 public:
  // The steps of the canonical epilogue within reach, near those of the line that it rounds.
  Channel(const Epilogue& epilogue, std::size_t k, std::int32_t reach, double slope, double offset)
      : epilogue_(epilogue), k_(k), reach_(reach), offset_(offset) {
    for (int byte = 1; byte <= kHighest; ++byte) {
      const double near = std::ceil((byte / 128.0 - offset) / slope);
      if (!(std::abs(near) <= reach + kFar)) continue;
      auto sum = static_cast<std::int32_t>(near);
      if (canonical(sum - kFar) >= byte || canonical(sum + kFar) < byte) {
        near_line_ = false;
        return;
      }
      while (canonical(sum) < byte) ++sum;
      while (canonical(sum - 1) >= byte) --sum;
      if (sum > -reach && sum <= reach) steps_.push_back({sum, byte});
    }
  }

  // The offset with which the line of this slope has the same steps.
  std::optional<float> offset(float slope) const {
    double lowest = offset_, highest = offset_;
    if (!steps_.empty()) {
      lowest = -1e30;
      highest = 1e30;
    }
    for (const auto& [sum, byte] : steps_) {
      lowest = std::max(lowest, byte / 128.0 - sum * static_cast<double>(slope));
      highest = std::min(highest, byte / 128.0 - (sum - 1.0) * static_cast<double>(slope));
    }
    const auto middle = static_cast<float>((lowest + highest) / 2);
    return near_line_ && passes(slope, middle) ? std::optional(middle) : std::nullopt;
  }

 private:
  static constexpr std::int32_t kFar = 4;

  int canonical(std::int32_t sum) const { return static_cast<int>(apply(epilogue_, sum, k_, 0)); }

  // Both grow with the sum, so it is enough to try both sides of every step and the ends of what is
  // in reach.
  bool passes(float slope, float offset) const {
    const auto byte_of = [&](std::int32_t sum) {
      const float line = std::fma(static_cast<float>(sum), slope, offset);
      return line >= 1.0f ? kHighest : line > 0.0f ? static_cast<int>(line * 128.0f) : 0;
    };
    for (const auto& [sum, byte] : steps_)
      if (byte_of(sum) < byte || byte_of(sum - 1) >= byte) return false;
    return byte_of(-reach_) == canonical(-reach_) && byte_of(reach_) == canonical(reach_);
  }

  const Epilogue& epilogue_;
  std::size_t k_;
  std::int32_t reach_;
  double offset_;
  bool near_line_ = true;
  std::vector<Step> steps_;
};

std::optional<ProvedHiddenStep> with_slope(const std::vector<Channel>& channels, float slope) {
  ProvedHiddenStep proved{slope, {}};
  for (const Channel& channel : channels) {
    const std::optional<float> offset = channel.offset(slope);
    if (!offset) return std::nullopt;
    proved.b.push_back(*offset);
  }
  return proved;
}

}  // namespace

std::optional<ProvedHiddenStep> prove_hidden_step(const Epilogue& epilogue,
                                                  const std::vector<std::int32_t>& reach) {
  const double factor = static_cast<double>(epilogue.quantiser.factor) / 128.0;
  const double slope = static_cast<double>(epilogue.m[0]) * factor;
  std::vector<Channel> channels;
  for (std::size_t k = 0; k < reach.size(); ++k) {
    if (reach[k] > kMostReach) return std::nullopt;
    const double bias = static_cast<double>(epilogue.ibias[k]) * epilogue.m[k] +
                        (epilogue.has_fbias ? static_cast<double>(epilogue.fbias[k]) : 0.0);
    channels.emplace_back(epilogue, k, reach[k], slope, bias * factor + 0.5 / 128.0);
  }
  const auto nearest = static_cast<float>(slope);
  float lower = nearest, higher = nearest;
  for (int distance = 0; distance < 8; ++distance) {
    for (const float a : {lower, higher})
      if (auto proved = with_slope(channels, a)) return proved;
    lower = std::nextafter(lower, 0.0f);
    higher = std::nextafter(higher, 1.0f);
  }
  return std::nullopt;
}

}  // namespace octet::cuda
