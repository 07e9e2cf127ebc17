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

// Where the steps of a channel begin, and lines that begin them there.
class ChannelSearch {
 public:
  ChannelSearch(const Epilogue& epilogue, const Step& step, std::size_t channel)
      : ibias_(epilogue.ibias[channel]),
        m_(epilogue.m[channel]),
        fbias_(epilogue.has_fbias ? epilogue.fbias[channel] : -0.0f),
        step_(step),
        lowest_(step.lowest()) {
    slope_ = static_cast<double>(m_) * step.factor();
    offset_ = slope_ * ibias_ + static_cast<double>(fbias_) * step.factor() +
              step.quantiser.zero_point - lowest_;
  }

  // False where steps are so steep or so flat that they begin between neighbouring floats.
  bool find_steps() {
    if (!(slope_ > 1e-5 && slope_ < 8.0)) return false;
    for (int step = 1; step <= step_.highest() - lowest_; ++step)
      if (!find_first(step)) return false;
    return true;
  }

  // `last` is where the channel before found its line: neighbours often have the same near ties.
  std::optional<ChannelLine> line(float span, Offset& last) {
    const ChannelLine start{static_cast<float>(slope_ / span), static_cast<float>(offset_ / span)};
    if (passes(last.from(start), span)) return last.from(start);
    for (const Offset& offset : offsets())
      if (passes(offset.from(start), span)) {
        last = offset;
        return offset.from(start);
      }
    return std::nullopt;
  }

 private:
  // By the canonical operations; adding -0.0f changes nothing.
  int canonical(std::int32_t acc) const {
    return step_(static_cast<float>(acc + ibias_) * m_ + fbias_) - lowest_;
  }

  // Notes the smallest sum that reaches `step`.
  bool find_first(int step) {
    const double at = (step - 0.5 - offset_) / slope_;
    if (std::abs(at) > (1 << 24)) return false;  // floats have gaps between sums from there on
    auto first = static_cast<std::int32_t>(std::ceil(at));
    while (canonical(first) < step) ++first;
    while (canonical(first - 1) >= step) --first;
    const bool near = distance(first, step) < kNear || distance(first - 1, step) < kNear;
    (near ? near_ : far_).push_back({step, first});
    return true;
  }
  // How far a sum lies from where the step begins, in steps.
  double distance(std::int32_t acc, int step) const {
    return std::abs(slope_ * acc + offset_ - (step - 0.5));
  }

  struct First {
    int step;
    std::int32_t acc;
  };
  bool passes(const ChannelLine& line, float span) {
    const auto right = [&](const First& first) {
      return line_step(line, span, first.acc) >= first.step &&
             line_step(line, span, first.acc - 1) < first.step;
    };
    for (std::size_t i = 0; i < near_.size(); ++i)
      if (!right(near_[i])) {
        // What failed once is likely to fail again: it is asked first from now on.
        std::swap(near_[i], near_[i / 2]);
        return false;
      }
    return std::all_of(far_.begin(), far_.end(), right);
  }

  static constexpr double kNear = 1e-4;  // in steps: where roundings could matter

  std::int32_t ibias_;
  float m_, fbias_;
  Step step_;
  int lowest_;
  double slope_, offset_;  // of a sum's step, counted from the lowest
  std::vector<First> near_, far_;
};

// Lines of all channels with one span. `doubtful` is the channel that had none last time: the
// others are only worth trying where this one passes.
std::optional<std::vector<ChannelLine>> lines_of(std::vector<ChannelSearch>& channels, float span,
                                                 std::size_t& doubtful) {
  Offset last{0, 0};
  if (!channels[doubtful].line(span, last)) return std::nullopt;
  std::vector<ChannelLine> lines;
  for (std::size_t i = 0; i < channels.size(); ++i) {
    const auto line = channels[i].line(span, last);
    if (!line) {
      doubtful = i;
      return std::nullopt;
    }
    lines.push_back(*line);
  }
  return lines;
}

}  // namespace

int line_step(const ChannelLine& line, float span, std::int32_t acc) {
  const float s = std::clamp(std::fma(static_cast<float>(acc), line.a, line.b), 0.0f, 1.0f);
  return static_cast<int>(std::fma(s, span, kUnit) - kUnit);
}

std::optional<Lines> prove_lines(const Epilogue& epilogue) {
  const bool twice = epilogue.has_z && epilogue.z_rounding == ZRounding::twice;
  if ((epilogue.has_z && !twice) || epilogue.float_output || epilogue.sum_output)
    return std::nullopt;
  const Step step{twice ? epilogue.mid : epilogue.quantiser,
                  twice ? epilogue.mid_activation : epilogue.activation};
  if (!is_clamp(step.activation) || step.highest() <= step.lowest()) return std::nullopt;
  std::vector<ChannelSearch> channels;
  for (std::size_t i = 0; i < epilogue.m.size(); ++i) {
    channels.emplace_back(epilogue, step, i);
    if (!channels.back().find_steps()) return std::nullopt;
  }
  // Every other span up to half a step away from the whole one leads to the same integers at both
  // ends, and to other roundings between them. Towards y it is whole: see finish4_lines().
  const auto whole = static_cast<float>(step.highest() - step.lowest());
  std::size_t doubtful = 0;
  for (int i = 0; i < (twice ? 64 : 1); ++i) {
    const float span = whole + static_cast<float>(i % 2 == 0 ? -i : i + 1) * 0x1p-8f;
    if (auto lines = lines_of(channels, span, doubtful))
      return Lines{span, step.lowest(), std::move(*lines)};
  }
  return std::nullopt;
}

}  // namespace octet::cuda
