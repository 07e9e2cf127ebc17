// The emulated device finds what is wrong with kernels; that it runs right ones is what the GPU
// suite shows.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "backends/cuda/common/dynamic_shared_memory.cuh"
#include "backends/cuda/common/ptx_hopper.cuh"

namespace octet::cuda {
namespace {

constexpr emulator::Grid one_block(unsigned threads, std::size_t shared = 1024) {
  return {dim3(1), dim3(threads), shared, 1};
}

TEST(EmulatedDevice, GivesEachThreadItsPlace) {
  std::vector<int> seen(2 * 3 * 64);
  EXPECT_EQ(emulator::run({dim3(2, 3), dim3(32, 2), 0, 1},
                          [&] {
                            const unsigned block = blockIdx.y * gridDim.x + blockIdx.x;
                            ++seen[block * 64 + threadIdx.y * blockDim.x + threadIdx.x];
                          }),
            "");
  EXPECT_EQ(seen, std::vector<int>(seen.size(), 1));
}

TEST(EmulatedDevice, ReportsADeadlock) {
  const std::string error = emulator::run(one_block(64), [] {
    if (threadIdx.x < 32) named_barrier_sync(1, 64);
  });
  EXPECT_NE(error.find("deadlock"), std::string::npos) << error;
}

TEST(EmulatedDevice, ReportsABarrierLeftHalfFull) {
  const std::string error = emulator::run(one_block(32), [] { named_barrier_arrive(3, 64); });
  EXPECT_NE(error.find("half full"), std::string::npos) << error;
}

TEST(EmulatedDevice, ReportsSharedMemoryOutOfBounds) {
  const std::string error = emulator::run(one_block(1, 256), [] {
    std::uint32_t words[4];
    load_shared_words(words, smem_address(dynamic_shared_memory()) + 248);
  });
  EXPECT_NE(error.find("outside"), std::string::npos) << error;
}

TEST(EmulatedDevice, ReportsLanesThatDiverge) {
  const std::string error = emulator::run(one_block(32), [] {
    if (threadIdx.x == 0) __syncwarp();
    else static_cast<void>(__shfl_sync(~0u, 1, 0));
  });
  EXPECT_NE(error.find("diverge"), std::string::npos) << error;
}

// Copies 16 bytes to shared memory and back to `to`, with or without waiting for them.
std::string copy_through_shared(const std::uint32_t* from, std::uint32_t* to, bool waits) {
  return emulator::run(one_block(1), [=] {
    std::uint8_t* const raw = dynamic_shared_memory();
    auto* barrier = reinterpret_cast<std::uint64_t*>(raw + 512);
    barrier_init(barrier, 1);
    barrier_expect(barrier, 16);
    copy_bulk(smem_address(raw), from, 16, barrier);
    if (waits) barrier_wait(barrier, 0);
    std::uint32_t words[4];
    load_shared_words(words, smem_address(raw));
    std::copy(words, words + 4, to);
  });
}

TEST(EmulatedDevice, GivesWrongBytesWhereAWaitIsMissing) {
  alignas(16) const std::uint32_t from[4] = {1, 2, 3, 4};
  int wrong = 0;
  for (int i = 0; i < 32; ++i) {
    std::uint32_t waited[4] = {}, hasty[4] = {};
    ASSERT_EQ(copy_through_shared(from, waited, true), "");
    ASSERT_TRUE(std::equal(from, from + 4, waited));
    ASSERT_EQ(copy_through_shared(from, hasty, false), "");
    wrong += std::equal(from, from + 4, hasty) ? 0 : 1;
  }
  EXPECT_GT(wrong, 0);
  EXPECT_LT(wrong, 32);
}

}  // namespace
}  // namespace octet::cuda
