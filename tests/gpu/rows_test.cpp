// Random problems on the rows of the CUDA backend other than convolutions, bit for bit.
#include <gtest/gtest.h>

#include "backends/cuda/backend.hpp"
#include "ops/convert.hpp"
#include "ops/elementwise.hpp"
#include "ops/matmul.hpp"
#include "ops/move.hpp"
#include "ops/pool.hpp"
#include "support/random_ops.hpp"

namespace octet::testing {
namespace {

const Backend& backend() {
  static const std::unique_ptr<Backend> cuda = [] {
    auto made = make_cuda_backend();
    made->open();  // or the first test's time would go by while the context is made
    return made;
  }();
  return *cuda;
}

constexpr Layout kLayouts[] = {kNCHW, kNHWC, kNCHW4, kNCHW32, kCHWN4};

using Draw = std::function<Case(Random&)>;

// Draws problems in each layout and compares what the rows of the operator's list accept.
void expect_rows(std::string_view kind, const Draw& draw, bool changes_layout = false,
                 std::span<const Layout> layouts = kLayouts) {
  for (const Kernel& row : backend().kernels(kind)) {
    if (row.naive) continue;  // the reference's own code
    int accepted = 0;
    for (const Layout& from : layouts)
      for_seeds([&](Random& random) {
        const Layout to = changes_layout ? random.pick({kNCHW, kNHWC, kNCHW4, kCHWN4}) : from;
        if (expect_reference_bits(backend(), row, draw(random), from, to)) ++accepted;
      });
    EXPECT_GT(accepted, 0) << row.name;
  }
}

TEST(CudaRows, Pool) { expect_rows(Pool2d::kKind, random_pool); }
TEST(CudaRows, Convert) { expect_rows(Convert::kKind, random_convert, true); }
TEST(CudaRows, ElementwiseBinary) { expect_rows(Elementwise::kKind, random_binary); }
TEST(CudaRows, ElementwiseUnary) { expect_rows(Elementwise::kKind, random_unary); }
TEST(CudaRows, Concat) { expect_rows(Concat::kKind, random_concat); }
TEST(CudaRows, Split) { expect_rows(Split::kKind, random_split); }
TEST(CudaRows, Slice) { expect_rows(Slice::kKind, random_slice); }
TEST(CudaRows, Gather) { expect_rows(Gather::kKind, random_gather); }
// Matrices have no other layout.
TEST(CudaRows, MatMul) {
  expect_rows(MatMul::kKind, random_matmul, false, std::span(kLayouts).first(1));
}

TEST(CudaRows, Relayout) {
  for (const Kernel& row : backend().kernels(Relayout::kKind)) {
    if (row.naive) continue;
    int accepted = 0;
    for (const Layout& from : kLayouts)
      for (const Layout& to : kLayouts) {
        const auto draw = [&](Random& random) { return random_relayout(random, to); };
        Random random(7);
        for (int i = 0; i < 10; ++i)
          if (expect_reference_bits(backend(), row, draw(random), from, to)) ++accepted;
      }
    EXPECT_GT(accepted, 50) << row.name;
  }
}

}  // namespace
}  // namespace octet::testing
