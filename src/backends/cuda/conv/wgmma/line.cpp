#include "backends/cuda/conv/wgmma/line.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

#include "backends/cuda/conv/wgmma/staircase.hpp"

namespace octet::cuda {
namespace {

constexpr float kUnit = 8388608.0f;  // 2^23: neighbours differ by 1

// How far a line lies from the obvious one: a in its last places, b in parts of 2^-19 of a step.
struct Offset {
  int a, b;
};

constexpr int kMostA = 6, kMostB = 48;

// Nearer ones first.
const auto& offsets() {
  static const auto list = [] {
    std::array<Offset, (2 * kMostA + 1) * (2 * kMostB + 1)> all{};
    std::size_t at = 0;
    for (int a = -kMostA; a <= kMostA; ++a)
      for (int b = -kMostB; b <= kMostB; ++b) all[at++] = {a, b};
    const auto distance = [](const Offset& o) { return 64 * o.a * o.a + o.b * o.b; };
    std::stable_sort(all.begin(), all.end(),
                     [&](const Offset& x, const Offset& y) { return distance(x) < distance(y); });
    return all;
  }();
  return list;
}

// Lines that begin the steps of a channel at the sums at which they do.
class LineSearch {
 public:
  LineSearch(const Lines& lines, Staircase staircase)
      : lines_(lines),
        stairs_(std::move(staircase)),
        unit_(lines.kind == LineKind::from_lowest ? lines.steps : 1.0),
        zero_(lines.kind == LineKind::from_lowest ? 0.0 : lines.zero) {}

  // `last` is where the channel before found its line: neighbours often have the same near ties.
  std::optional<ChannelLine> run(Offset& last, bool exceptions) {
    if (!stairs_.find_steps()) return std::nullopt;
    if (auto line = proved(line_at(last), exceptions)) return line;
    for (const Offset& offset : offsets())
      if (auto line = proved(line_at(offset), exceptions)) {
        last = offset;
        return line;
      }
    return std::nullopt;
  }

 private:
  ChannelLine line_at(const Offset& offset) const {
    const auto a = static_cast<float>(stairs_.slope() / unit_);
    const double b = stairs_.offset() - zero_ + offset.b * 0x1p-19;
    return {std::bit_cast<float>(std::bit_cast<std::int32_t>(a) + offset.a),
            static_cast<float>(b / unit_)};
  }
  // The line, with an exception if it may and must have one, where it is right everywhere then.
  std::optional<ChannelLine> proved(ChannelLine line, bool exceptions) {
    if (!stairs_.is_near(line.a * unit_, line.b * unit_ + zero_)) return std::nullopt;
    const Staircase::First* wrong = wrong_about(line);
    // Steps of several sums each: the neighbour belongs to the same step but for that one sum.
    if (wrong != nullptr && exceptions && stairs_.slope() < 0.25) {
      const bool late = lines_.step(line, wrong->acc) < wrong->step;
      line.but = late ? wrong->acc : wrong->acc - 1;
      line.more = late ? 1 : -1;
      wrong = wrong_about(line);
    }
    return wrong == nullptr ? std::optional(line) : std::nullopt;
  }
  const Staircase::First* wrong_about(const ChannelLine& line) {
    return wrong_step(stairs_.firsts(),
                      [&](std::int32_t acc, int step) { return lines_.step(line, acc) >= step; });
  }

  const Lines& lines_;
  Staircase stairs_;
  double unit_, zero_;  // a step of the staircase is v * unit_ + zero_
};

}  // namespace

int Lines::step(const ChannelLine& line, std::int32_t acc) const {
  const std::int32_t sum = acc == line.but ? acc + line.more : acc;
  const float v = std::fma(static_cast<float>(sum), line.a, line.b);
  const auto most = static_cast<float>(steps);
  if (kind == LineKind::from_zero)
    return static_cast<int>(
        std::clamp(v + (kSignedUnit + static_cast<float>(zero)) - kSignedUnit, 0.0f, most));
  return static_cast<int>(std::fma(std::clamp(v, 0.0f, 1.0f), most, kUnit) - kUnit);
}

std::optional<Lines> prove_lines(const Epilogue& epilogue, LineKind kind, bool exceptions) {
  const std::optional<FirstStep> step = FirstStep::of(epilogue);
  if (!step) return std::nullopt;
  const int lowest = step->lowest();
  Lines lines{kind, lowest, step->highest() - lowest, step->quantiser.zero_point - lowest, {}};
  Offset last{0, 0};
  for (std::size_t channel = 0; channel < epilogue.m.size(); ++channel) {
    const auto line = LineSearch(lines, Staircase(epilogue, *step, channel)).run(last, exceptions);
    if (!line) return std::nullopt;
    lines.channels.push_back(*line);
  }
  return lines;
}

}  // namespace octet::cuda
