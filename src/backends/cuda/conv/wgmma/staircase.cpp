#include "backends/cuda/conv/wgmma/staircase.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace octet::cuda {
namespace {

constexpr double kShortRounding = 1e-5;  // of the shorter operations: 255 steps of at most 2^-25

bool is_clamp(const Activation& activation) {
  return activation.kind == ActivationKind::none || activation.kind == ActivationKind::relu ||
         activation.kind == ActivationKind::clip;
}

}  // namespace

std::optional<FirstStep> FirstStep::of(const Epilogue& epilogue) {
  const bool twice = epilogue.has_z && epilogue.z_rounding == ZRounding::twice;
  if ((epilogue.has_z && !twice) || epilogue.float_output || epilogue.sum_output)
    return std::nullopt;
  const FirstStep step{twice ? epilogue.mid : epilogue.quantiser,
                       twice ? epilogue.mid_activation : epilogue.activation};
  if (!is_clamp(step.activation) || step.highest() <= step.lowest()) return std::nullopt;
  return step;
}

int FirstStep::lowest() const { return (*this)(-std::numeric_limits<float>::infinity()); }
int FirstStep::highest() const { return (*this)(std::numeric_limits<float>::infinity()); }
double FirstStep::factor() const {
  return quantiser.multiply ? static_cast<double>(quantiser.factor)
                            : 1.0 / static_cast<double>(quantiser.factor);
}

Staircase::Staircase(const Epilogue& epilogue, const FirstStep& step, std::size_t channel)
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
  near_ = kMostDrift + kShortRounding + 0x1.2p-24 * (6 * largest + std::abs(bias));
}

bool Staircase::find_steps() {
  if (!(slope_ > 1e-5 && slope_ < 8.0) || std::abs(static_cast<double>(ibias_)) > 0x1p30)
    return false;
  // Floats have gaps between sums from 2^24 on.
  if (std::max(std::abs(begin(1)), std::abs(begin(steps_))) > 0x1p24) return false;
  for (int step = 1; step <= steps_; ++step) look_at(step);
  return true;
}

// By the canonical operations; adding -0.0f changes nothing.
int Staircase::canonical(std::int32_t acc) const {
  return step_(static_cast<float>(acc + ibias_) * m_ + fbias_) - lowest_;
}

// Notes the smallest sum that reaches `step`, where it or the one before is near its begin.
void Staircase::look_at(int step) {
  auto first = static_cast<std::int32_t>(std::ceil(begin(step)));
  if (distance(first, step) > near_ && distance(first - 1, step) > near_) return;
  while (canonical(first) < step) ++first;
  while (canonical(first - 1) >= step) --first;
  firsts_.push_back({step, first});
}

// How far a sum lies from where the step begins, in steps.
double Staircase::distance(std::int32_t acc, int step) const {
  return std::abs(slope_ * acc + offset_ - (step - 0.5));
}

double Staircase::drift(double a, double b, double acc) const {
  return std::abs((a - slope_) * acc + b - offset_);
}

// It is furthest at one of the ends.
bool Staircase::is_near(double a, double b) const {
  return drift(a, b, begin(1) - 1) <= kMostDrift && drift(a, b, begin(steps_) + 1) <= kMostDrift;
}

}  // namespace octet::cuda
