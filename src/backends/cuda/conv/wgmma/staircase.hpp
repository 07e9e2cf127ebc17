// Scaling, bias, rounding and clamp of a channel as a staircase of its exact sums, for those who
// look for shorter operations that make the same one.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "ops/epilogue.hpp"

namespace octet::cuda {

// The first quantising step that sums meet: to `mid` where z is rounded twice, else to y.
struct FirstStep {
  const Quantiser& quantiser;
  const Activation& activation;

  // Nothing where sums do not become 8-bit steps by themselves: with z before the first rounding,
  // or an activation that is no clamp.
  static std::optional<FirstStep> of(const Epilogue& epilogue);

  int operator()(float v) const { return quantiser(activate(activation, v)); }
  int lowest() const;
  int highest() const;
  double factor() const;  // steps to a unit
};

// Where the steps of a channel begin. Only sums so near the begin of a step that roundings could
// matter are looked at one by one.
class Staircase {
 public:
  // How far shorter operations may be from slope() * sum + offset(), in steps.
  static constexpr double kMostDrift = 1e-4;
  // The smallest sum that reaches a step.
  struct First {
    int step;
    std::int32_t acc;
  };

  Staircase(const Epilogue& epilogue, const FirstStep& step, std::size_t channel);

  // Finds firsts(). False where steps are so steep or so flat that they begin between neighbouring
  // floats, and where sums may wrap once the bias is added.
  bool find_steps();

  int steps() const { return steps_; }       // from the lowest stored integer to the highest
  double slope() const { return slope_; }    // of a sum's step, counted from the lowest
  double offset() const { return offset_; }  // of zero's step
  // The sum, not a whole one, at which a step would begin without roundings.
  double begin(int step) const { return (step - 0.5 - offset_) / slope_; }
  // Of the steps whose begin is near a sum. They may change places.
  std::vector<First>& firsts() { return firsts_; }
  // Whether a * sum + b is nowhere further from the staircase than kMostDrift.
  bool is_near(double a, double b) const;

 private:
  int canonical(std::int32_t acc) const;
  void look_at(int step);
  double distance(std::int32_t acc, int step) const;
  double drift(double a, double b, double acc) const;

  std::int32_t ibias_;
  float m_, fbias_;
  FirstStep step_;
  int lowest_, steps_;
  double slope_, offset_;
  double near_;  // in steps: where roundings could matter
  std::vector<First> firsts_;
};

// The first of `firsts` that `reaches(acc, step)` is wrong about, or nullptr. What failed once is
// likely to fail again: it is asked earlier from then on.
template <typename Reaches>
const Staircase::First* wrong_step(std::vector<Staircase::First>& firsts, const Reaches& reaches) {
  for (std::size_t i = 0; i < firsts.size(); ++i) {
    const Staircase::First& first = firsts[i];
    if (reaches(first.acc, first.step) && !reaches(first.acc - 1, first.step)) continue;
    std::swap(firsts[i], firsts[i / 2]);
    return &firsts[i / 2];
  }
  return nullptr;
}

}  // namespace octet::cuda
