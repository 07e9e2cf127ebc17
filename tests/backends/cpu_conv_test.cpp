// Random convolutions on every convolution row of our own CPU kernels, bit for bit.
#include <gtest/gtest.h>

#include "backends/cpu/backend.hpp"
#include "backends/cpu/isa.hpp"
#include "backends/random_conv.hpp"

namespace octet::testing {
namespace {

const Backend& backend() {
  static const std::unique_ptr<Backend> cpu = make_cpu_backend();
  return *cpu;
}

bool has_isa_of(const Kernel& kernel) {
  return cpu::has(kernel.name.ends_with("avx2") ? cpu::Isa::avx2 : cpu::Isa::avx512_vnni);
}

class CpuConvRow : public ::testing::TestWithParam<const Kernel*> {};

TEST_P(CpuConvRow, GivesTheReferenceBits) {
  const Kernel& kernel = *GetParam();
  const bool depthwise = kernel.name.find("depthwise") != std::string::npos;
  int accepted = 0;
  for_seeds([&](Random& random) {
    ConvWishes wishes;
    wishes.depthwise = depthwise || random.chance(0.1);
    const Case c = random_conv(random, wishes);
    const int threads = random.chance(0.2) ? 3 : 1;
    if (expect_reference_bits(backend(), kernel, c, kNHWC, kNHWC, threads)) ++accepted;
  });
  RecordProperty("accepted", accepted);
  EXPECT_EQ(accepted > 5, has_isa_of(kernel)) << accepted << " problems were accepted";
}

std::vector<const Kernel*> rows() {
  std::vector<const Kernel*> rows;
  for (const Kernel& kernel : backend().kernels(Conv2d::kKind)) rows.push_back(&kernel);
  return rows;
}

INSTANTIATE_TEST_SUITE_P(Rows, CpuConvRow, ::testing::ValuesIn(rows()),
                         [](const auto& row) { return row.param->name; });

}  // namespace
}  // namespace octet::testing
