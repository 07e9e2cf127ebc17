// The cheapest way to give every value of a network a layout: dynamic programming over the steps,
// which knows nothing of graphs, operators or devices.
//
// A step offers options: a layout for each value it reads and writes, and what it then costs. A
// value that is read in another layout than it was written in is converted, once for all readers of
// that layout. What is searched is one option per step with the least sum of both costs.
//
// The steps are gone through in order. Between two of them the past matters only by the layouts in
// which those values exist that are still to be read: that is a state, and of the ways into a state
// the cheapest is kept. A state is dropped where another one is so much cheaper that it could pay
// for every conversion that it lacks. Both keep the result exact, and leave a few states for a
// chain, some dozens for residual blocks. Where more than `most_states` are left (many branches
// side by side) only the cheapest go on: then the result is valid, but may be above the optimum.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace octet {

struct LayoutProblem {
  static constexpr std::size_t kMostLayouts = 8;
  using Layout = std::uint8_t;  // a number below kMostLayouts

  struct Option {
    std::vector<Layout> reads, writes;  // one for each value that the step reads or writes
    double cost = 0.0;                  // not negative; infinity: it cannot be
  };
  struct Step {
    std::vector<std::size_t> reads, writes;  // values; one may be read twice
    std::vector<Option> options;             // at least one
  };
  // Of a value: what bringing it from one layout into another costs, [from][to]; like Option::cost.
  using Conversions = std::array<std::array<double, kMostLayouts>, kMostLayouts>;

  std::vector<Conversions> values;  // each is written by one step, before others read it
  std::vector<Step> steps;
};

struct LayoutSolution {
  std::vector<std::size_t> options;  // of each step
  double cost = 0.0;                 // infinity: the steps cannot be joined
  bool is_exact = true;              // false: states were left out
};

inline constexpr std::size_t kMostLayoutStates = 256;

LayoutSolution solve(const LayoutProblem& problem, std::size_t most_states = kMostLayoutStates);

struct LayoutConversion {
  std::size_t value = 0;
  LayoutProblem::Layout from = 0, to = 0;
  friend bool operator==(const LayoutConversion&, const LayoutConversion&) = default;
};

// What these options, one for each step, have to convert.
std::vector<LayoutConversion> conversions_of(const LayoutProblem& problem,
                                             std::span<const std::size_t> options);

// What these options cost, their conversions included.
double cost_of(const LayoutProblem& problem, std::span<const std::size_t> options);

}  // namespace octet
