#include "backends/cuda/conv/wgmma/residual.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <random>

namespace octet::cuda {
namespace {

constexpr float kUnit = 12582912.0f;  // 1.5 * 2^23: neighbours differ by 1

struct Pair {
  float q;
  int u, y;
};

// y by the canonical operations.
int canonical(const Epilogue& e, int q, int z) {
  const float mid = static_cast<float>(q - e.mid.zero_point) * e.mid_scale;
  const float v = mid + static_cast<float>(z - e.z_zero_point) * e.z_scale;
  return e.quantiser(activate(e.activation, v));
}

class Search {
 public:
  Search(const Epilogue& epilogue, int z_lowest, const MidCount& count)
      : e_(epilogue), count_(count), z_lowest_(z_lowest) {
    lowest_ = e_.quantiser(activate(e_.activation, -INFINITY));
    highest_ = e_.quantiser(activate(e_.activation, INFINITY));
    first_mid_ = e_.mid(activate(e_.mid_activation, -INFINITY));
    last_mid_ = e_.mid(activate(e_.mid_activation, INFINITY));
    const double factor = e_.quantiser.multiply ? static_cast<double>(e_.quantiser.factor)
                                                : 1.0 / static_cast<double>(e_.quantiser.factor);
    span_ = highest_ - lowest_;
    a_ = static_cast<double>(e_.mid_scale) * factor;
    b_ = static_cast<double>(e_.z_scale) * factor;
    c_ = b_ * (z_lowest - e_.z_zero_point) + e_.quantiser.zero_point - lowest_;
  }

  std::optional<ResidualStep> run() {
    if (!possible()) return std::nullopt;
    collect_near_ties();
    std::mt19937 random(1);
    const double counted = c_ + a_ * (count_.zero - e_.mid.zero_point);
    const ResidualStep start{static_cast<float>(a_ / span_ / static_cast<double>(count_.unit)),
                             static_cast<float>(b_ / span_), static_cast<float>(counted / span_),
                             static_cast<float>(span_), kUnit + static_cast<float>(lowest_)};
    constexpr int kTries = 4000;
    for (int i = 0; i < kTries; ++i) {
      // Later tries go further away.
      const int reach = 1 + i / 400;
      ResidualStep step = start;
      if (i > 0) {
        step.a = moved(start.a, random, reach);
        step.b = moved(start.b, random, reach);
        step.c = start.c + static_cast<float>(draw(random, reach)) * 0x1p-25f;
      }
      if (right_near_ties(step) && right_everywhere(step)) return step;
    }
    return std::nullopt;
  }

 private:
  // Activations that are no clamp have no such form; nor have scales that leave the exponent range.
  bool possible() const {
    const bool clamps = e_.activation.kind == ActivationKind::none ||
                        e_.activation.kind == ActivationKind::relu ||
                        e_.activation.kind == ActivationKind::clip;
    return clamps && span_ > 0 && a_ / span_ < 0.125 && b_ / span_ < 0.03 && a_ > 1e-4 && b_ > 1e-4;
  }

  static int draw(std::mt19937& random, int reach) {
    return std::uniform_int_distribution<int>(-reach, reach)(random);
  }
  // Some units in the last place away.
  static float moved(float value, std::mt19937& random, int reach) {
    return std::bit_cast<float>(std::bit_cast<std::int32_t>(value) + draw(random, reach));
  }

  // The pairs whose exact result lies so near a tie that roundings could matter.
  void collect_near_ties() {
    for (int q = first_mid_; q <= last_mid_; ++q)
      for (int u = 0; u < 256; ++u) {
        const double x = a_ * (q - e_.mid.zero_point) + b_ * u + c_;
        if (x < -1.0 || x > span_ + 1.0 || std::abs(x - std::floor(x) - 0.5) > 1e-3) continue;
        near_.push_back({count_(q), u, canonical(e_, q, z_lowest_ + u)});
      }
  }
  bool right_near_ties(const ResidualStep& step) {
    for (std::size_t i = 0; i < near_.size(); ++i)
      if (residual_byte(step, near_[i].q, near_[i].u) != near_[i].y) {
        // What failed once is likely to fail again: it is asked first from now on.
        std::swap(near_[i], near_[i / 2]);
        return false;
      }
    return true;
  }
  bool right_everywhere(const ResidualStep& step) const {
    for (int q = first_mid_; q <= last_mid_; ++q)
      for (int u = 0; u < 256; ++u)
        if (residual_byte(step, count_(q), u) != canonical(e_, q, z_lowest_ + u)) return false;
    return true;
  }

  const Epilogue& e_;
  MidCount count_;
  int z_lowest_, lowest_, highest_, span_, first_mid_, last_mid_;
  double a_, b_, c_;  // of y - lowest in steps: a * (mid - its zero point) + b * u + c
  std::vector<Pair> near_;
};

}  // namespace

int residual_byte(const ResidualStep& step, float q, int u) {
  const float t = std::fma(static_cast<float>(u), step.b, step.c);
  const float s = std::clamp(std::fma(q, step.a, t), 0.0f, 1.0f);
  return static_cast<int>(std::fma(s, step.span, step.base) - kUnit);
}

std::optional<ResidualStep> prove_residual(const Epilogue& epilogue, int z_lowest,
                                           const MidCount& count) {
  return Search(epilogue, z_lowest, count).run();
}

}  // namespace octet::cuda
