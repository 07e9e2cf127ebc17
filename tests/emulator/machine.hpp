// Runs CUDA kernels on the CPU, one grid at a time: what a kernel computes is tested where there is
// no GPU. How fast it would be is not.
//
// Each thread of a block is a fiber. A thread that waits (for a barrier, for the other lanes of its
// warp) gives way to the others; when nobody can go on, that is a deadlock, which is reported.
//
// What the hardware does at its own pace (copies by the copy engine, products of the Tensor Cores)
// is done here at a random moment between the earliest and the latest that the programming model
// allows, so that a wait that is missing gives wrong bytes sooner or later. Shared memory begins
// with random bytes, and an access outside it is reported.
#pragma once

#include <vector_types.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace octet::emulator {

using Operation = std::function<void()>;

// Threads that wait for each other: complete when as many have arrived as are expected.
struct Rendezvous {
  int arrived = 0;
  unsigned generation = 0;

  bool arrive(int expected) {  // whether this was the last
    ++arrived;
    return settle(expected);
  }
  // Lets everyone go on if enough have come.
  bool settle(int expected) {
    if (arrived == 0 || arrived < expected) return false;
    arrived = 0;
    ++generation;
    return true;
  }
};

// Operations of one thread that are committed in groups and waited for in order.
class Groups {
 public:
  void add(Operation operation) { open_.push_back(std::move(operation)); }
  void commit();
  // Carries out committed groups until at most `pending` are left.
  void wait(std::size_t pending);
  // Carries out everything, committed or not.
  void finish();

 private:
  std::vector<Operation> open_;
  std::vector<std::vector<Operation>> committed_;  // no memory until it is used, unlike a deque
};

struct Warp {
  static constexpr int kLaneBytes = 64;
  int live = 0;
  Rendezvous meeting;
  const char* purpose = nullptr;  // what the lanes meet for
  // What the lanes bring; two sets, since the first lane may come for the next meeting while the
  // last one still reads.
  alignas(16) std::byte lanes[2][32][kLaneBytes];
};

struct Block {
  uint3 index{};
  int rank = 0;  // in its cluster
  int live = 0;
  std::size_t shared_bytes = 0;
  std::unique_ptr<std::byte[]> memory;
  std::byte* shared = nullptr;  // 1024-byte aligned
  std::vector<Warp> warps;
  Rendezvous barriers[16];
};

struct Cluster;

struct Thread {
  uint3 index{};
  int lane = 0;
  Block* block = nullptr;
  Warp* warp = nullptr;
  Cluster* cluster = nullptr;
  Groups copies, products, stores;
};

// The thread that runs, and the grid that it belongs to.
Thread& self();
const dim3& grid_shape();
const dim3& block_shape();

// Gives way until `ready()`.
void wait_until(const std::function<bool()>& ready);

// Carries the operation out now, or at a later moment at which nobody may rely on it yet.
void some_time(Operation operation);

// Ends the grid with an error. The message says what the kernel did wrong.
[[noreturn]] void fail(const std::string& message);

// All live lanes of the warp bring `bytes` (at most Warp::kLaneBytes) of data for the same purpose;
// afterwards every lane sees what all have brought.
const std::byte (*meet(const char* purpose, const void* data, std::size_t bytes))[Warp::kLaneBytes];

// Shared memory by its 32-bit address.
inline constexpr std::uint32_t kSharedBase = 1024;
std::byte* shared_at(const Block& block, std::uint32_t address, std::size_t bytes);
std::byte* shared_at(std::uint32_t address, std::size_t bytes);
std::uint32_t shared_address_of(const void* p);

void sync_block();
void sync_named(int id, int threads);
void arrive_named(int id, int threads);
void sync_cluster();
const Block& block_of_cluster(int rank);

struct Grid {
  dim3 grid, block;
  std::size_t shared = 0;
  unsigned cluster = 1;
};

// Runs `kernel` for each thread of the grid. What goes wrong is written to stderr and returned; one
// grid runs at a time.
std::string run(const Grid& grid, const Operation& kernel);

}  // namespace octet::emulator
