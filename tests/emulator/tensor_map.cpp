#include "emulator/tensor_map.hpp"

#include <cstring>

#include "emulator/machine.hpp"

namespace octet::emulator {
namespace {

// The address of an element, or null outside the map.
std::byte* element_of(const TensorMap& map, const int* at) {
  std::byte* p = map.base;
  for (int i = 0; i < map.rank; ++i) {
    if (at[i] < 0 || static_cast<std::uint32_t>(at[i]) >= map.sizes[i]) return nullptr;
    p += static_cast<std::uint64_t>(at[i]) * map.strides[i];
  }
  return p;
}

// Calls move(shared memory, element or null) for each element of a box.
template <typename Move>
int for_each_of_box(const TensorMap& map, const Block& block, std::uint32_t address,
                    const int* corner, Move move) {
  if (map.im2col) fail("a tiled copy by a tensor map for im2col");
  if (address % 128 != 0) fail("a tile's address is not a multiple of 128");
  int elements = 1;
  for (int i = 0; i < map.rank; ++i) elements *= map.box[i];
  for (int number = 0; number < elements; ++number) {
    int at[kMostRank] = {};
    for (int i = 0, left = number; i < map.rank; left /= map.box[i++])
      at[i] = corner[i] + left % map.box[i] * map.steps[i];
    const std::uint32_t to =
        swizzled(address + static_cast<std::uint32_t>(number) * map.element, map.swizzle);
    move(shared_at(block, to, map.element), element_of(map, at));
  }
  return elements * map.element;
}

void copy_or_clear(std::byte* to, const std::byte* from, std::size_t bytes) {
  if (from == nullptr) std::memset(to, 0, bytes);
  else std::memcpy(to, from, bytes);
}

// The next value of a coordinate that runs over the first taps of a filter; true when it begins
// anew.
bool next_tap(const TensorMap& map, int dimension, int& at) {
  const int first = map.lower[dimension - 1];
  const int end = static_cast<int>(map.sizes[dimension]) + map.upper[dimension - 1];
  at += map.steps[dimension];
  if (at < end) return false;
  at = first;
  return true;
}

}  // namespace

TensorMap tensor_map(const CUtensorMap& map) {
  TensorMap result;
  std::memcpy(&result, &map, sizeof(result));
  return result;
}

int load_tile(const TensorMap& map, const Block& block, std::uint32_t address, const int* corner) {
  return for_each_of_box(map, block, address, corner, [&](std::byte* to, const std::byte* from) {
    copy_or_clear(to, from, map.element);
  });
}

void store_tile(const TensorMap& map, const Block& block, std::uint32_t address,
                const int* corner) {
  for_each_of_box(map, block, address, corner, [&](const std::byte* from, std::byte* to) {
    if (to != nullptr) std::memcpy(to, from, map.element);
  });
}

int load_im2col(const TensorMap& map, const Block& block, std::uint32_t address, const int* corner,
                int s, int r) {
  if (!map.im2col) fail("an im2col copy by a tensor map for tiles");
  if (address % 128 != 0) fail("a tile's address is not a multiple of 128");
  int w = corner[1], h = corner[2], n = corner[3];
  for (int pixel = 0; pixel < map.pixels; ++pixel) {
    for (int c = 0; c < map.channels; ++c) {
      const int at[kMostRank] = {corner[0] + c, w + s, h + r, n};
      const auto number = static_cast<std::uint32_t>(pixel * map.channels + c);
      copy_or_clear(shared_at(block, swizzled(address + number, map.swizzle), 1),
                    element_of(map, at), 1);
    }
    if (next_tap(map, 1, w) && next_tap(map, 2, h)) ++n;
  }
  return map.pixels * map.channels;
}

}  // namespace octet::emulator
