// The emulated Tensor Core of a warpgroup; see the header of the same name under src.
//
// A product is carried out per thread: what its registers would hold. It may happen at any time
// until the wait, so that operands which are overwritten too early give wrong sums.
#pragma once

#include <cstdint>
#include <type_traits>

#include "backends/cuda/common/matrix_descriptor.cuh"
#include "emulator/machine.hpp"
#include "emulator/tensor_core.hpp"

namespace octet::cuda {

inline void wgmma_fence() {}
inline void wgmma_commit() { octet::emulator::self().products.commit(); }
template <int kPending>
void wgmma_wait() {
  octet::emulator::self().products.wait(kPending);
}

// d = rows() * b + (accumulate ? d : 0), by one thread, with the fragments of ptx_wgmma.cuh.
template <int N, typename A, typename B, typename ReadRows>
void emulate_wgmma(int* d, ReadRows rows, std::uint64_t b, int accumulate) {
  octet::emulator::Thread& thread = octet::emulator::self();
  thread.products.add([=, &block = *thread.block, column = 2 * (thread.lane % 4)] {
    const octet::emulator::Rows held = rows();
    for (int j = 0; j < N / 8; ++j)
      octet::emulator::multiply<A, B>(block, held, b, 8 * j + column, d + 4 * j, accumulate != 0);
  });
}

// Of a left operand in shared memory.
inline auto emulated_rows(std::uint64_t a) {
  const octet::emulator::Thread& thread = octet::emulator::self();
  const int row = static_cast<int>(thread.index.x) % 128 / 32 * 16 + thread.lane / 4;
  return [=, &block = *thread.block] { return octet::emulator::rows_of(block, a, row); };
}

// Both operands in shared memory; the left one may be unsigned.
template <int N, bool Unsigned>
struct Wgmma {
  static void run(int (&d)[N / 2], std::uint64_t a, std::uint64_t b, int accumulate) {
    using A = std::conditional_t<Unsigned, std::uint8_t, std::int8_t>;
    emulate_wgmma<N, A, std::int8_t>(d, emulated_rows(a), b, accumulate);
  }
};

}  // namespace octet::cuda
