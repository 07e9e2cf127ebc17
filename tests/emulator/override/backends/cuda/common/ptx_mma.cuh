// The emulated instructions of the mma.sync kernels; see the header of the same name under src.
#pragma once

#include <cstdint>
#include <cstring>

#include "emulator/machine.hpp"

namespace octet::cuda {

inline std::uint32_t shared_address(const void* p) { return octet::emulator::shared_address_of(p); }

template <int kBytes>
void copy_or_zero(std::uint32_t to, const void* from, bool inside) {
  if (to % kBytes != 0 || (inside && reinterpret_cast<std::uintptr_t>(from) % kBytes != 0))
    octet::emulator::fail("a copy that is not aligned");
  std::byte* const target = octet::emulator::shared_at(to, kBytes);
  octet::emulator::self().copies.add([=] {
    if (inside) std::memcpy(target, from, kBytes);
    else std::memset(target, 0, kBytes);
  });
}
template <int kBytes>
void copy_async(std::uint32_t to, const void* from) {
  copy_or_zero<kBytes>(to, from, true);
}
template <int kBytes>
void store_shared(std::uint32_t to, std::uint32_t word) {
  for (int i = 0; i < kBytes; i += 4)
    std::memcpy(octet::emulator::shared_at(to + static_cast<std::uint32_t>(i), 4), &word, 4);
}
inline std::uint32_t load_shared(std::uint32_t from) {
  std::uint32_t word;
  std::memcpy(&word, octet::emulator::shared_at(from, 4), 4);
  return word;
}
inline void commit_copies() { octet::emulator::self().copies.commit(); }
template <int kPending>
void wait_copies() {
  octet::emulator::self().copies.wait(kPending);
}

inline void load_matrix_x4(std::uint32_t (&r)[4], std::uint32_t from) {
  const auto* lanes = octet::emulator::meet("ldmatrix", &from, sizeof(from));
  const int lane = octet::emulator::self().lane;
  for (int k = 0; k < 4; ++k) {
    std::uint32_t address;
    std::memcpy(&address, lanes[8 * k + lane / 4], sizeof(address));
    std::memcpy(&r[k], octet::emulator::shared_at(address, 16) + 4 * (lane % 4), 4);
  }
}

template <bool kUnsigned>
void mma_16x8x32(int (&d)[4], const std::uint32_t (&a)[4], std::uint32_t b0, std::uint32_t b1) {
  const std::uint32_t brought[6] = {a[0], a[1], a[2], a[3], b0, b1};
  const auto* lanes = octet::emulator::meet("mma.sync", brought, sizeof(brought));
  const int lane = octet::emulator::self().lane;
  const auto byte = [&](int of_lane, int word, int i) {
    return static_cast<std::uint8_t>(lanes[of_lane][4 * word + i]);
  };
  for (int half = 0; half < 2; ++half)
    for (int e = 0; e < 2; ++e) {
      int sum = 0;
      for (int k = 0; k < 32; ++k) {
        const int q = k % 16 / 4, chunk = k / 16;
        const std::uint8_t left = byte(lane / 4 * 4 + q, half + 2 * chunk, k % 4);
        const auto right =
            static_cast<std::int8_t>(byte((lane % 4 * 2 + e) * 4 + q, 4 + chunk, k % 4));
        sum += (kUnsigned ? left : static_cast<std::int8_t>(left)) * right;
      }
      int& to = d[2 * half + e];
      to = static_cast<int>(static_cast<unsigned>(to) + static_cast<unsigned>(sum));
    }
}

template <bool kUnsigned = false>
inline void mma_16x8x32_from(int (&d)[4], const int (&c)[4], const std::uint32_t (&a)[4],
                             std::uint32_t b0, std::uint32_t b1) {
  std::memcpy(d, c, sizeof(d));
  mma_16x8x32<kUnsigned>(d, a, b0, b1);
}

}  // namespace octet::cuda
