#include "backends/cuda/conv/wgmma/line.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>

namespace octet::cuda {
namespace {

constexpr float kUnit = 8388608.0f;  // 2^23: neighbours differ by 1

bool is_clamp(const Activation& activation) {
  return activation.kind == ActivationKind::none || activation.kind == ActivationKind::relu ||
         activation.kind == ActivationKind::clip;
}

// The first quantising step that a sum meets.
struct Step {
  const Quantiser& quantiser;
  const Activation& activation;

  int operator()(float v) const { return quantiser(activate(activation, v)); }
  int lowest() const { return (*this)(-std::numeric_limits<float>::infinity()); }
  int highest() const { return (*this)(std::numeric_limits<float>::infinity()); }
  double factor() const {
    return quantiser.multiply ? static_cast<double>(quantiser.factor)
                              : 1.0 / static_cast<double>(quantiser.factor);
  }
};

// How far a line lies from the obvious one: a in its last places, b in parts of 2^-26.
struct Offset {
  int a, b;

  ChannelLine from(const ChannelLine& start) const {
    return {std::bit_cast<float>(std::bit_cast<std::int32_t>(start.a) + a),
            start.b + static_cast<float>(b) * 0x1p-26f};
  }
};

constexpr int kMostA = 6, kMostB = 24;

// Nearer ones first.
const auto& offsets() {
  static const auto list = [] {
    std::array<Offset, (2 * kMostA + 1) * (2 * kMostB + 1)> all{};
    std::size_t at = 0;
    for (int a = -kMostA; a <= kMostA; ++a)
      for (int b = -kMostB; b <= kMostB; ++b) all[at++] = {a, b};
    const auto distance = [](const Offset& o) { return 16 * o.a * o.a + o.b * o.b; };
    std::stable_sort(all.begin(), all.end(),
                     [&](const Offset& x, const Offset& y) { return distance(x) < distance(y); });
    return all;
  }();
  return list;
}

// Where the steps of a channel begin, and lines that begin them there. Only sums so near the begin
// of a step that roundings could matter are looked at one by one.
class ChannelSearch {
 public:
  ChannelSearch(const Epilogue& epilogue, const Step& step, std::size_t channel)
      : ibias_(epilogue.ibias[channel]),
        m_(epilogue.m[channel]),
        fbias_(epilogue.has_fbias ? epilogue.fbias[channel] : -0.0f),
        step_(step),
        lowest_(step.lowest()),
        steps_(step.highest() - lowest_) {
    slope_ = static_cast<double>(m_) * step.factor();
    const double bias = slope_ * ibias_ + static_cast<double>(fbias_) * step.factor();
    offset_ = bias + step.quantiser.zero_point - lowest_;
    // Up to six canonical operations round results of at most this many steps.
    const double largest = steps_ + std::abs(step.quantiser.zero_point - lowest_) + 1;
    near_ = kMostDrift + kLineRounding + 0x1.2p-24 * (6 * largest + std::abs(bias));
  }

  // `last` is where the channel before found its line: neighbours often have the same near ties.
  std::optional<ChannelLine> run(Offset& last, bool exceptions) {
    if (!find_steps()) return std::nullopt;
    const ChannelLine start{static_cast<float>(slope_ / steps_),
                            static_cast<float>(offset_ / steps_)};
    if (auto line = proved(last.from(start), exceptions)) return line;
    for (const Offset& offset : offsets())
      if (auto line = proved(offset.from(start), exceptions)) {
        last = offset;
        return line;
      }
    return std::nullopt;
  }

 private:
  // The smallest sum that reaches a step.
  struct First {
    int step;
    std::int32_t acc;
  };

  // By the canonical operations; adding -0.0f changes nothing.
  int canonical(std::int32_t acc) const {
    return step_(static_cast<float>(acc + ibias_) * m_ + fbias_) - lowest_;
  }

  // False where steps are so steep or so flat that they begin between neighbouring floats, and
  // where sums may wrap once the bias is added.
  bool find_steps() {
    if (!(slope_ > 1e-5 && slope_ < 8.0) || std::abs(static_cast<double>(ibias_)) > 0x1p30)
      return false;
    // Floats have gaps between sums from 2^24 on.
    if (std::max(std::abs(begin(1)), std::abs(begin(steps_))) > 0x1p24) return false;
    for (int step = 1; step <= steps_; ++step) look_at(step);
    return true;
  }
  // The sum, not a whole one, at which a step would begin without roundings.
  double begin(int step) const { return (step - 0.5 - offset_) / slope_; }

  // Notes the smallest sum that reaches `step`, where it or the one before is near its begin.
  void look_at(int step) {
    auto first = static_cast<std::int32_t>(std::ceil(begin(step)));
    if (distance(first, step) > near_ && distance(first - 1, step) > near_) return;
    while (canonical(first) < step) ++first;
    while (canonical(first - 1) >= step) --first;
    firsts_.push_back({step, first});
  }
  // How far a sum lies from where the step begins, in steps.
  double distance(std::int32_t acc, int step) const {
    return std::abs(slope_ * acc + offset_ - (step - 0.5));
  }

  // The line, with an exception if it may and must have one, where it is right everywhere then.
  std::optional<ChannelLine> proved(ChannelLine line, bool exceptions) {
    if (drift(line, begin(1) - 1) > kMostDrift || drift(line, begin(steps_) + 1) > kMostDrift)
      return std::nullopt;
    const First* wrong = wrong_step(line);
    // Steps of several sums each: the neighbour belongs to the same step but for that one sum.
    if (wrong != nullptr && exceptions && slope_ < 0.25) {
      const bool late = line_step(line, steps_, wrong->acc) < wrong->step;
      line.but = late ? wrong->acc : wrong->acc - 1;
      line.more = late ? 1 : -1;
      wrong = wrong_step(line);
    }
    return wrong == nullptr ? std::optional(line) : std::nullopt;
  }
  // A step that the line begins at another sum, or nullptr.
  const First* wrong_step(const ChannelLine& line) {
    for (std::size_t i = 0; i < firsts_.size(); ++i) {
      const First& first = firsts_[i];
      if (line_step(line, steps_, first.acc) >= first.step &&
          line_step(line, steps_, first.acc - 1) < first.step)
        continue;
      // What failed once is likely to fail again: it is asked first from now on.
      std::swap(firsts_[i], firsts_[i / 2]);
      return &firsts_[i / 2];
    }
    return nullptr;
  }
  // How far a line is from the obvious one, in steps. It is largest at one of the ends.
  double drift(const ChannelLine& line, double acc) const {
    const double a = static_cast<double>(line.a) * steps_ - slope_;
    return std::abs(a * acc + static_cast<double>(line.b) * steps_ - offset_);
  }

  static constexpr double kMostDrift = 1e-4;     // in steps
  static constexpr double kLineRounding = 1e-5;  // of 255 steps of at most 2^-25

  std::int32_t ibias_;
  float m_, fbias_;
  Step step_;
  int lowest_, steps_;
  double slope_, offset_;  // of a sum's step, counted from the lowest
  double near_;            // in steps: where roundings could matter
  std::vector<First> firsts_;
};

}  // namespace

int line_step(const ChannelLine& line, int steps, std::int32_t acc) {
  const std::int32_t sum = acc == line.but ? acc + line.more : acc;
  const float s = std::clamp(std::fma(static_cast<float>(sum), line.a, line.b), 0.0f, 1.0f);
  return static_cast<int>(std::fma(s, static_cast<float>(steps), kUnit) - kUnit);
}

std::optional<Lines> prove_lines(const Epilogue& epilogue, bool exceptions) {
  const bool twice = epilogue.has_z && epilogue.z_rounding == ZRounding::twice;
  if ((epilogue.has_z && !twice) || epilogue.float_output || epilogue.sum_output)
    return std::nullopt;
  const Step step{twice ? epilogue.mid : epilogue.quantiser,
                  twice ? epilogue.mid_activation : epilogue.activation};
  if (!is_clamp(step.activation) || step.highest() <= step.lowest()) return std::nullopt;
  Lines lines{step.highest() - step.lowest(), step.lowest(), {}};
  Offset last{0, 0};
  for (std::size_t channel = 0; channel < epilogue.m.size(); ++channel) {
    const auto line = ChannelSearch(epilogue, step, channel).run(last, exceptions);
    if (!line) return std::nullopt;
    lines.channels.push_back(*line);
  }
  return lines;
}

}  // namespace octet::cuda
