// Random convolutions on the rows of cuDNN, whose epilogue comes within a step.
#ifdef OCTET_HAS_CUDNN
#include "backends/cudnn/rows.hpp"

#include <gtest/gtest.h>

#include "backends/cuda/backend.hpp"
#include "backends/cudnn/library.hpp"
#include "support/random_conv.hpp"

namespace octet::testing {
namespace {

const Backend& backend() {
  static const std::unique_ptr<Backend> cuda = [] {
    auto made = make_cuda_backend({cudnn::kernels});
    made->open();
    return made;
  }();
  return *cuda;
}

class CudnnRow : public ::testing::TestWithParam<const Kernel*> {};

TEST_P(CudnnRow, ComesWithinAStep) {
  if (!cudnn::library_verdict()) GTEST_SKIP() << cudnn::library_verdict().reason();
  const Kernel& kernel = *GetParam();
  Demands demands;
  demands.numerics = Numerics::fast;
  ConvWishes wishes;
  wishes.dense = true;
  wishes.channel_step = 4;
  int accepted = 0, offered = 0;
  for_seeds([&](Random& random) {
    const Case c = random_conv(random, wishes);
    try {
      if (expect_close_to_reference(backend(), kernel, c, kNHWC, kNHWC, demands)) ++accepted;
    } catch (const Error& error) {
      // That a plan does not exist shows only when it is prepared.
      if (error.status().code() != StatusCode::unsupported) throw;
      ++offered;
    }
  });
  RecordProperty("accepted", accepted);
  EXPECT_GT(accepted + offered, 0);
}

std::vector<const Kernel*> rows() {
  std::vector<const Kernel*> rows;
  for (const Kernel& kernel : cudnn::kernels("conv2d")) rows.push_back(&kernel);
  return rows;
}

INSTANTIATE_TEST_SUITE_P(Rows, CudnnRow, ::testing::ValuesIn(rows()),
                         [](const auto& row) { return row.param->name; });

}  // namespace
}  // namespace octet::testing
#endif
