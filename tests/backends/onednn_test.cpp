// The oneDNN rows: exact sums bit for bit, float results within the bound of docs/numerics.md, the
// fused epilogue within one step and only where it is asked for.
#include <gtest/gtest.h>

#include <algorithm>

#include "ops/matmul.hpp"
#include "runtime/backend_registry.hpp"
#include "support/random_case.hpp"
#include "support/random_conv.hpp"

namespace octet::testing {
namespace {

// The backend, or nullptr in a build without it. The tests of a row then have no row to run.
const Backend* onednn() {
  for (const BackendEntry& entry : all_backends())
    if (entry.backend->name() == "onednn") return entry.backend;
  return nullptr;
}

struct Row {
  std::string kind;
  const Kernel* kernel;
};

std::vector<Row> rows_with(std::string_view part) {
  std::vector<Row> rows;
  for (const std::string_view kind : {Conv2d::kKind, MatMul::kKind}) {
    if (onednn() == nullptr) break;
    for (const Kernel& kernel : onednn()->kernels(kind))
      if (kernel.name.find(part) != std::string::npos) rows.push_back({std::string(kind), &kernel});
  }
  return rows;
}

std::string name_of(const ::testing::TestParamInfo<Row>& info) { return info.param.kernel->name; }

Case random_float_conv(Random& random) {
  Case c;
  Conv2d op;
  op.groups = random.pick<std::int64_t>({1, 1, 2});
  const std::int64_t channels = op.groups * random.integer(1, 20),
                     k = op.groups * random.integer(1, 20);
  const std::int64_t r = random.pick<std::int64_t>({1, 3});
  op.window.pad = {r / 2, r / 2, r / 2, r / 2};
  op.window.stride = {random.integer(1, 2), random.integer(1, 2)};
  op.activation.kind = random.pick({ActivationKind::none, ActivationKind::relu});
  const auto f32 = [](const Shape& shape) { return TensorType{DType::f32, shape, kNCHW, {}}; };
  c.inputs = {random_tensor(random, f32({random.integer(1, 2), channels, 9, 8})),
              random_tensor(random, f32({k, channels / op.groups, r, r})), std::nullopt};
  if (random.chance(0.5)) c.inputs[2] = random_tensor(random, f32({k}));
  c.constant = {false, true, true};
  c.op = make_op<Conv2d>(op);
  return c;
}

Case random_float_product(Random& random) {
  Case c;
  MatMul op;
  op.transpose_b = random.chance(0.5);
  op.activation.kind = random.pick({ActivationKind::none, ActivationKind::relu});
  const std::int64_t m = random.integer(1, 5), k = random.integer(1, 200),
                     n = random.integer(1, 90);
  const auto f32 = [](const Shape& shape) { return TensorType{DType::f32, shape, kNCHW, {}}; };
  c.inputs = {random_tensor(random, f32({m, k})),
              random_tensor(random, f32(op.transpose_b ? Shape{n, k} : Shape{k, n})), std::nullopt};
  if (random.chance(0.5)) c.inputs[2] = random_tensor(random, f32({n}));
  c.constant = {false, true, true};
  c.op = make_op<MatMul>(op);
  return c;
}

class OneDnnSums : public ::testing::TestWithParam<Row> {};
class OneDnnFloat : public ::testing::TestWithParam<Row> {};
class OneDnnFused : public ::testing::TestWithParam<Row> {};

// Without VNNI instructions byte products are refused, and so is every problem.
void expect_accepted(int accepted, const Verdict& last) {
  const bool saturates = last.reason().find("saturate") != std::string::npos;
  EXPECT_TRUE(accepted > 5 || saturates) << accepted << " accepted; " << last.reason();
}

TEST_P(OneDnnSums, GiveTheReferenceBits) {
  int accepted = 0;
  Verdict last = Verdict::accept();
  for_seeds([&](Random& random) {
    ConvWishes wishes;
    wishes.depthwise = random.chance(0.2);
    const Case c = random_conv(random, wishes);
    const int threads = random.chance(0.2) ? 2 : 1;
    const Verdict verdict =
        expect_reference_bits(*onednn(), *GetParam().kernel, c, kNHWC, kNHWC, threads);
    if (verdict) ++accepted;
    else last = verdict;
  });
  expect_accepted(accepted, last);
}

TEST_P(OneDnnFloat, StaysWithinTheBound) {
  int accepted = 0;
  for_seeds([&](Random& random) {
    const bool conv = GetParam().kind == Conv2d::kKind;
    const Case c = conv ? random_float_conv(random) : random_float_product(random);
    const Layout layout = conv && random.chance(0.5) ? kNHWC : kNCHW;
    if (expect_close_to_reference(*onednn(), *GetParam().kernel, c, layout, layout, {})) ++accepted;
  });
  EXPECT_GT(accepted, 5);
}

TEST_P(OneDnnFused, StaysWithinOneStepWhereItIsAllowed) {
  Demands fast;
  fast.numerics = Numerics::fast;
  int accepted = 0;
  Verdict last = Verdict::accept();
  for_seeds([&](Random& random) {
    const Case c = random_conv(random, {});
    const LaidOutCase laid_out = lay_out(c, kNHWC, kNHWC);
    EXPECT_FALSE(GetParam().kernel->check(laid_out.problem, {}).ok());
    const Verdict verdict =
        expect_close_to_reference(*onednn(), *GetParam().kernel, c, kNHWC, kNHWC, fast);
    if (verdict) ++accepted;
    else last = verdict;
  });
  expect_accepted(accepted, last);
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(OneDnnSums);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(OneDnnFloat);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(OneDnnFused);
INSTANTIATE_TEST_SUITE_P(Rows, OneDnnSums, ::testing::ValuesIn(rows_with("sums")), name_of);
INSTANTIATE_TEST_SUITE_P(Rows, OneDnnFloat, ::testing::ValuesIn(rows_with("f32")), name_of);
INSTANTIATE_TEST_SUITE_P(Rows, OneDnnFused, ::testing::ValuesIn(rows_with("fused")), name_of);

}  // namespace
}  // namespace octet::testing
