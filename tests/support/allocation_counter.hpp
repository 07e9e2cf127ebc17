// Counts the calls of malloc and its kin on this thread, whoever makes them.
#pragma once

#include <cstddef>

// Sanitizers bring their own malloc, which cannot be replaced.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define OCTET_TEST_COUNTS_ALLOCATIONS 1
#endif

namespace octet {

#ifdef OCTET_TEST_COUNTS_ALLOCATIONS
// Counts while it lives; one at a time on a thread.
class AllocationCounter {
 public:
  AllocationCounter();
  ~AllocationCounter();
  AllocationCounter(const AllocationCounter&) = delete;
  AllocationCounter& operator=(const AllocationCounter&) = delete;
  std::size_t count() const;
};
#endif

// Bytes of this process that are in memory now.
std::size_t resident_bytes();

}  // namespace octet
