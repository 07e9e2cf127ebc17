// The reference backend runs every operator in any layout.
#include <gtest/gtest.h>

#include <algorithm>

#include "backends/reference/backend.hpp"
#include "ops/convert.hpp"
#include "ops/pool.hpp"
#include "ops/random_values.hpp"

namespace octet {
namespace {

Problem problem_of(OpPtr op, std::vector<TensorType> inputs, std::vector<TensorType> outputs) {
  Problem problem;
  problem.constants.assign(inputs.size(), nullptr);
  problem.present.assign(inputs.size(), true);
  problem.op = std::move(op);
  problem.inputs = std::move(inputs);
  problem.outputs = std::move(outputs);
  return problem;
}

// The row that a plan would take.
const Kernel& first_accepting(const Backend& backend, const Problem& problem) {
  const auto rows = backend.kernels(problem.op->kind());
  return *std::find_if(rows.begin(), rows.end(),
                       [&](const Kernel& row) { return row.check(problem, {}).ok(); });
}

// Runs a problem of one input, as a plan would.
Tensor run_on_reference(const Problem& problem, const Tensor& x) {
  const auto backend = make_reference_backend();
  const Kernel& kernel = first_accepting(*backend, problem);
  const auto executable = kernel.prepare(problem, {});
  const auto context = backend->make_context({});
  const auto workspace = backend->allocate(executable->workspace());
  Tensor y(problem.outputs[0]);
  const std::byte* input = x.data();
  std::byte* output = y.mutable_data();
  executable->run({{&input, 1}, {&output, 1}, workspace.get(), context.get()});
  return y;
}

Tensor in_layout(const Tensor& x, const Layout& layout) {
  TensorType type = x.type();
  type.layout = layout;
  Tensor y(type);
  copy_layout(x, y);
  return y;
}

TEST(Reference, ConvertsOperandsThatLieInOtherLayouts) {
  testing::Random random(3);
  Pool2d pool;
  pool.kernel = {3, 2};
  const OpPtr op = make_op<Pool2d>(pool);
  const Tensor x = random.tensor(DType::u8, {2, 7, 5, 6}, Quant::per_tensor(0.5f, 100));
  const Tensor y = testing::run(*op, {x})[0];
  for (const Layout& in : {kNCHW, kNHWC, kNCHW4, kCHWN4})
    for (const Layout& out : {kNCHW, kNHWC, kNCHW32, kCHWN4}) {
      const Tensor packed = in_layout(x, in), expected = in_layout(y, out);
      const Problem problem = problem_of(op, {packed.type()}, {expected.type()});
      const Tensor got = run_on_reference(problem, packed);
      EXPECT_TRUE(std::equal(got.data(), got.data() + got.bytes(), expected.data()))
          << problem.text();
    }
}

TEST(Reference, RelayoutSeesTheLayoutsAsTheyAre) {
  testing::Random random(4);
  const Tensor x = in_layout(random.tensor(DType::s8, {1, 5, 2, 3}), kNHWC);
  Relayout op;
  op.layout = kNCHW4;
  const Tensor expected = in_layout(x, kNCHW4);
  const Tensor got =
      run_on_reference(problem_of(make_op<Relayout>(op), {x.type()}, {expected.type()}), x);
  EXPECT_TRUE(std::equal(got.data(), got.data() + got.bytes(), expected.data()));
}

TEST(Reference, NeedsNoWorkspaceInTheDefaultLayout) {
  const auto backend = make_reference_backend();
  EXPECT_EQ(backend->name(), "reference");
  EXPECT_TRUE(backend->available().ok());
  const TensorType type{DType::f32, Shape{1, 2, 3, 4}, kNCHW, std::nullopt};
  Relayout to_default;
  const Problem problem = problem_of(make_op<Relayout>(to_default), {type}, {type});
  EXPECT_EQ(first_accepting(*backend, problem).prepare(problem, {})->workspace(), 0u);
}

}  // namespace
}  // namespace octet
