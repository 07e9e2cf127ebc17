#include "backends/cuda/conv/wgmma/line.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

#include "backends/cuda/conv/wgmma/staircase.hpp"

namespace octet::cuda {
namespace {

constexpr float kUnit = 8388608.0f;  // 2^23: neighbours differ by 1

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

// Lines that begin the steps of a channel at the sums at which they do.
class LineSearch {
 public:
  explicit LineSearch(Staircase staircase) : stairs_(std::move(staircase)) {}

  // `last` is where the channel before found its line: neighbours often have the same near ties.
  std::optional<ChannelLine> run(Offset& last, bool exceptions) {
    if (!stairs_.find_steps()) return std::nullopt;
    const ChannelLine start{static_cast<float>(stairs_.slope() / stairs_.steps()),
                            static_cast<float>(stairs_.offset() / stairs_.steps())};
    if (auto line = proved(last.from(start), exceptions)) return line;
    for (const Offset& offset : offsets())
      if (auto line = proved(offset.from(start), exceptions)) {
        last = offset;
        return line;
      }
    return std::nullopt;
  }

 private:
  // The line, with an exception if it may and must have one, where it is right everywhere then.
  std::optional<ChannelLine> proved(ChannelLine line, bool exceptions) {
    const double steps = stairs_.steps();
    if (!stairs_.is_near(static_cast<double>(line.a) * steps, static_cast<double>(line.b) * steps))
      return std::nullopt;
    const Staircase::First* wrong = wrong_about(line);
    // Steps of several sums each: the neighbour belongs to the same step but for that one sum.
    if (wrong != nullptr && exceptions && stairs_.slope() < 0.25) {
      const bool late = line_step(line, stairs_.steps(), wrong->acc) < wrong->step;
      line.but = late ? wrong->acc : wrong->acc - 1;
      line.more = late ? 1 : -1;
      wrong = wrong_about(line);
    }
    return wrong == nullptr ? std::optional(line) : std::nullopt;
  }
  const Staircase::First* wrong_about(const ChannelLine& line) {
    return wrong_step(stairs_.firsts(), [&](std::int32_t acc, int step) {
      return line_step(line, stairs_.steps(), acc) >= step;
    });
  }

  Staircase stairs_;
};

}  // namespace

int line_step(const ChannelLine& line, int steps, std::int32_t acc) {
  const std::int32_t sum = acc == line.but ? acc + line.more : acc;
  const float s = std::clamp(std::fma(static_cast<float>(sum), line.a, line.b), 0.0f, 1.0f);
  return static_cast<int>(std::fma(s, static_cast<float>(steps), kUnit) - kUnit);
}

std::optional<Lines> prove_lines(const Epilogue& epilogue, bool exceptions) {
  const std::optional<FirstStep> step = FirstStep::of(epilogue);
  if (!step) return std::nullopt;
  Lines lines{step->highest() - step->lowest(), step->lowest(), {}};
  Offset last{0, 0};
  for (std::size_t channel = 0; channel < epilogue.m.size(); ++channel) {
    const auto line = LineSearch(Staircase(epilogue, *step, channel)).run(last, exceptions);
    if (!line) return std::nullopt;
    lines.channels.push_back(*line);
  }
  return lines;
}

}  // namespace octet::cuda
