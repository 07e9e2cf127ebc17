// Working memory that a thread keeps between calls, so that a steady state allocates nothing.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace octet {

// At least `count` elements of undefined content, valid until the thread asks for the same T and
// Slot again. Functions that may be active at the same time use different slots.
template <typename T, int Slot>
std::span<T> scratch(std::size_t count) {
  thread_local std::vector<T> memory;
  if (memory.size() < count) memory.resize(count);
  return {memory.data(), count};
}

}  // namespace octet
