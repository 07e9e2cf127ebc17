// The solver against trying out everything, on random networks.
#include "passes/layout_solver.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "base/random.hpp"

namespace octet {
namespace {

using Step = LayoutProblem::Step;
using Option = LayoutProblem::Option;
using Layout = LayoutProblem::Layout;

constexpr double kNever = std::numeric_limits<double>::infinity();

// Calls visit(options) for every combination of options.
template <typename Visit>
void visit_all(const LayoutProblem& problem, Visit&& visit) {
  std::vector<std::size_t> options(problem.steps.size(), 0);
  while (true) {
    visit(options);
    std::size_t s = 0;
    while (s < options.size() && ++options[s] == problem.steps[s].options.size()) options[s++] = 0;
    if (s == options.size()) return;
  }
}

double least_cost(const LayoutProblem& problem) {
  double least = kNever;
  visit_all(problem, [&](const std::vector<std::size_t>& options) {
    least = std::min(least, cost_of(problem, options));
  });
  return least;
}

// Random networks; costs are whole numbers, so that sums are exact.
class NetworkMaker {
 public:
  // Some conversions are impossible unless `joins`.
  NetworkMaker(std::uint64_t seed, std::size_t layouts, bool joins = false)
      : random_(seed), layouts_(layouts), joins_(joins) {}

  std::size_t source() { return add({}, 1); }

  std::size_t add(std::vector<std::size_t> reads, std::size_t options) {
    Step step;
    step.reads = std::move(reads);
    step.writes = {add_value()};
    for (std::size_t o = 0; o < options; ++o) {
      Option option;
      for (std::size_t i = 0; i < step.reads.size(); ++i) option.reads.push_back(layout());
      option.writes = {layout()};
      option.cost = below(20);
      step.options.push_back(std::move(option));
    }
    problem.steps.push_back(std::move(step));
    return problem.steps.back().writes[0];
  }

  void sink(std::size_t value) { problem.steps.push_back({{value}, {}, {{{0}, {}, 0.0}}}); }

  std::size_t index_below(std::size_t count) { return random_.next() % count; }
  double below(std::size_t count) { return static_cast<double>(index_below(count)); }

  LayoutProblem problem;

 private:
  Layout layout() { return static_cast<Layout>(index_below(layouts_)); }

  std::size_t add_value() {
    LayoutProblem::Conversions conversions{};
    for (std::size_t from = 0; from < layouts_; ++from)
      for (std::size_t to = 0; to < layouts_; ++to)
        if (from != to)
          conversions[from][to] = !joins_ && index_below(16) == 0 ? kNever : below(12);
    problem.values.push_back(conversions);
    return problem.values.size() - 1;
  }

  Random random_;
  std::size_t layouts_;
  bool joins_;
};

void expect_optimal(const LayoutProblem& problem, std::uint64_t seed) {
  const LayoutSolution solution = solve(problem);
  EXPECT_TRUE(solution.is_exact) << "seed " << seed;
  EXPECT_EQ(solution.cost, least_cost(problem)) << "seed " << seed;
  if (solution.cost < kNever) {
    EXPECT_EQ(solution.cost, cost_of(problem, solution.options)) << "seed " << seed;
  }
}

TEST(LayoutSolver, FindsTheOptimumOfChains) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    NetworkMaker maker(seed, 4);
    std::size_t value = maker.source();
    for (int i = 0; i < 6; ++i) value = maker.add({value}, 1 + maker.index_below(4));
    maker.sink(value);
    expect_optimal(maker.problem, seed);
  }
}

// A value and what two steps make of it meet again, three times over.
TEST(LayoutSolver, FindsTheOptimumOfResidualBlocks) {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    NetworkMaker maker(seed, 3);
    std::size_t value = maker.source();
    for (int block = 0; block < 3; ++block) {
      const std::size_t inner = maker.add({value}, 3);
      value = maker.add({inner, value}, 3);
    }
    maker.sink(value);
    expect_optimal(maker.problem, seed);
  }
}

// Any step reads any values, the same one twice now and then.
TEST(LayoutSolver, FindsTheOptimumOfRandomNetworks) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    NetworkMaker maker(seed, 2 + seed % 4);
    std::vector<std::size_t> values{maker.source(), maker.source()};
    for (int i = 0; i < 6; ++i) {
      std::vector<std::size_t> reads;
      for (std::size_t r = 1 + maker.index_below(3); r > 0; --r)
        reads.push_back(values[maker.index_below(values.size())]);
      values.push_back(maker.add(std::move(reads), 1 + maker.index_below(4)));
    }
    maker.sink(values.back());
    maker.sink(values[maker.index_below(values.size())]);
    expect_optimal(maker.problem, seed);
  }
}

// Many values live at once, each in any of four layouts: 4^12 states.
LayoutProblem wide_network(std::uint64_t seed) {
  NetworkMaker maker(seed, 4, true);
  const std::size_t x = maker.source();
  std::vector<std::size_t> branches;
  for (int i = 0; i < 12; ++i) branches.push_back(maker.add({x}, 4));
  std::size_t sum = maker.add({x}, 4);
  for (const std::size_t branch : branches) sum = maker.add({sum, branch}, 4);
  maker.sink(sum);
  return maker.problem;
}

TEST(LayoutSolver, SaysWhenItLeftStatesOutAndStaysValid) {
  int cut = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const LayoutProblem problem = wide_network(seed);
    const LayoutSolution solution = solve(problem, 16);
    if (!solution.is_exact) ++cut;
    ASSERT_LT(solution.cost, kNever);
    EXPECT_EQ(solution.cost, cost_of(problem, solution.options));
    EXPECT_GE(solution.cost, solve(problem).cost);
  }
  EXPECT_GT(cut, 0);
}

TEST(LayoutSolver, ConvertsAValueOnceForAllItsReaders) {
  LayoutProblem problem;
  problem.values.resize(1);
  problem.values[0][0][1] = 5.0;
  problem.steps = {{{}, {0}, {{{}, {0}, 0.0}}},
                   {{0}, {}, {{{1}, {}, 1.0}}},
                   {{0, 0}, {}, {{{1, 1}, {}, 1.0}}},
                   {{0}, {}, {{{0}, {}, 0.0}}}};
  const LayoutSolution solution = solve(problem);
  EXPECT_EQ(solution.cost, 7.0);
  const auto conversions = conversions_of(problem, solution.options);
  ASSERT_EQ(conversions.size(), 1u);
  EXPECT_EQ(conversions[0], (LayoutConversion{0, 0, 1}));
}

TEST(LayoutSolver, SaysWhenNothingJoins) {
  LayoutProblem problem;
  problem.values.resize(1);
  problem.values[0][0][1] = kNever;
  problem.steps = {{{}, {0}, {{{}, {0}, 0.0}}}, {{0}, {}, {{{1}, {}, 1.0}}}};
  EXPECT_EQ(solve(problem).cost, kNever);
}

TEST(LayoutSolver, OfNothingCostsNothing) {
  EXPECT_EQ(solve(LayoutProblem{}).cost, 0.0);
  EXPECT_TRUE(solve(LayoutProblem{}).options.empty());
}

}  // namespace
}  // namespace octet
