#include "emulator/machine.hpp"

#include <boost/context/fiber.hpp>
#include <boost/context/pooled_fixedsize_stack.hpp>
#include <cstdio>
#include <cstring>
#include <deque>
#include <mutex>
#include <random>

namespace octet::emulator {
namespace {

namespace context = boost::context;

constexpr std::size_t kStackBytes = 256 * 1024;
constexpr std::size_t kSharedAlignment = 1024;

struct Failure {
  std::string message;
};

struct Fiber {
  Thread thread;
  context::fiber own, scheduler;
  const std::function<bool()>* awaits = nullptr;
  bool ended = false;
};

}  // namespace

struct Cluster {
  std::vector<Block> blocks;
  std::deque<Fiber> fibers;  // stays where it is: threads are pointed to
  std::vector<Operation> later;
  Rendezvous meeting;
  int live = 0;
};

namespace {

// One grid at a time, so what runs now is not per host thread.
Fiber* running = nullptr;
Grid running_grid;
std::mt19937 chance(20260101);  // NOLINT: the same every time

bool coin() { return (chance() & 1) != 0; }

Block make_block(const Grid& grid, unsigned number, int rank) {
  Block block;
  block.index = {number % grid.grid.x, number / grid.grid.x % grid.grid.y,
                 number / grid.grid.x / grid.grid.y};
  block.rank = rank;
  block.live = static_cast<int>(grid.block.x * grid.block.y * grid.block.z);
  block.shared_bytes = grid.shared;
  block.memory = std::make_unique<std::byte[]>(grid.shared + kSharedAlignment);
  void* aligned = block.memory.get();
  std::size_t space = grid.shared + kSharedAlignment;
  block.shared = static_cast<std::byte*>(std::align(kSharedAlignment, grid.shared, aligned, space));
  for (std::size_t i = 0; i < grid.shared; ++i) block.shared[i] = static_cast<std::byte>(chance());
  block.warps.resize((static_cast<std::size_t>(block.live) + 31) / 32);
  return block;
}

// After a thread has ended, the others must not wait for it.
void leave(Thread& thread, Cluster& cluster) {
  Warp& warp = *thread.warp;
  Block& block = *thread.block;
  --warp.live;
  --block.live;
  --cluster.live;
  warp.meeting.settle(warp.live);
  block.barriers[0].settle(block.live);
  cluster.meeting.settle(cluster.live);
}

class Scheduler {
 public:
  Scheduler(const Grid& grid, unsigned first_block, const Operation& kernel) : kernel_(kernel) {
    for (unsigned rank = 0; rank < grid.cluster; ++rank)
      cluster_.blocks.push_back(make_block(grid, first_block + rank, static_cast<int>(rank)));
    for (Block& block : cluster_.blocks) {
      const int threads = block.live;
      for (int i = 0; i < threads; ++i) add(grid, block, static_cast<unsigned>(i));
    }
  }

  // Empty, or what went wrong.
  std::string run() {
    while (cluster_.live > 0 && error_.empty()) {
      bool progress = false;
      for (Fiber& fiber : cluster_.fibers) {
        if (fiber.ended || (fiber.awaits != nullptr && !(*fiber.awaits)())) continue;
        progress = true;
        running = &fiber;
        fiber.own = std::move(fiber.own).resume();
        running = nullptr;
        if (!error_.empty()) break;
      }
      if (!progress || chance() % 4 == 0) progress |= do_later();
      if (!progress && error_.empty()) error_ = "deadlock: " + who_waits();
    }
    if (error_.empty()) {
      while (do_later()) {
      }
      check_barriers();
    }
    return error_;
  }

 private:
  void add(const Grid& grid, Block& block, unsigned i) {
    Fiber& fiber = cluster_.fibers.emplace_back();
    Thread& thread = fiber.thread;
    thread.index = {i % grid.block.x, i / grid.block.x % grid.block.y,
                    i / grid.block.x / grid.block.y};
    thread.lane = static_cast<int>(i % 32);
    thread.block = &block;
    thread.warp = &block.warps[i / 32];
    thread.cluster = &cluster_;
    ++thread.warp->live;
    ++cluster_.live;
    fiber.own = context::fiber(std::allocator_arg, stacks(), [this, &fiber](context::fiber&& back) {
      fiber.scheduler = std::move(back);
      try {
        kernel_();
        fiber.thread.copies.finish();
        fiber.thread.stores.finish();
        fiber.thread.products.finish();
      } catch (const Failure& failure) {
        error_ = failure.message;
      }
      fiber.ended = true;
      leave(fiber.thread, cluster_);
      return std::move(fiber.scheduler);
    });
  }

  static context::pooled_fixedsize_stack& stacks() {
    static context::pooled_fixedsize_stack pool(kStackBytes);
    return pool;
  }

  bool do_later() {
    if (cluster_.later.empty()) return false;
    std::vector<Operation> operations;
    operations.swap(cluster_.later);
    try {
      for (const Operation& operation : operations) operation();
    } catch (const Failure& failure) {
      error_ = failure.message;
    }
    return true;
  }

  std::string who_waits() const {
    std::string text = "these threads wait for ever:";
    int told = 0;
    for (const Fiber& fiber : cluster_.fibers)
      if (!fiber.ended && fiber.thread.lane == 0 && told++ < 16)
        text += " (block " + std::to_string(fiber.thread.block->index.x) + " thread " +
                std::to_string(fiber.thread.index.x) + ")";
    return text;
  }

  void check_barriers() {
    for (const Block& block : cluster_.blocks)
      for (const Rendezvous& barrier : block.barriers)
        if (barrier.arrived != 0) error_ = "a named barrier was left half full";
  }

  const Operation& kernel_;
  Cluster cluster_;
  std::string error_;
};

}  // namespace

void Groups::commit() {
  committed_.push_back(std::move(open_));
  open_.clear();
  if (coin()) wait(0);
}
void Groups::wait(std::size_t pending) {
  while (committed_.size() > pending) {
    for (const Operation& operation : committed_.front()) operation();
    committed_.erase(committed_.begin());
  }
}
void Groups::finish() {
  wait(0);
  for (const Operation& operation : open_) operation();
  open_.clear();
}

Thread& self() { return running->thread; }
const dim3& grid_shape() { return running_grid.grid; }
const dim3& block_shape() { return running_grid.block; }

void wait_until(const std::function<bool()>& ready) {
  if (ready()) return;
  Fiber& fiber = *running;
  fiber.awaits = &ready;
  fiber.scheduler = std::move(fiber.scheduler).resume();
  fiber.awaits = nullptr;
}

void some_time(Operation operation) {
  if (coin()) operation();
  else self().cluster->later.push_back(std::move(operation));
}

void fail(const std::string& message) {
  std::string where;
  if (running != nullptr) {
    const Thread& thread = running->thread;
    where = " (block " + std::to_string(thread.block->index.x) + ", thread " +
            std::to_string(thread.index.x) + ")";
  }
  throw Failure{message + where};
}

const std::byte (*meet(const char* purpose, const void* data,
                       std::size_t bytes))[Warp::kLaneBytes] {
  Thread& thread = self();
  Warp& warp = *thread.warp;
  Rendezvous& meeting = warp.meeting;
  if (meeting.arrived == 0) warp.purpose = purpose;
  else if (std::strcmp(warp.purpose, purpose) != 0)
    fail(std::string("lanes of a warp diverge: some are at ") + warp.purpose + ", one at " +
         purpose);
  const unsigned generation = meeting.generation;
  auto& lanes = warp.lanes[generation % 2];
  if (bytes > 0) std::memcpy(lanes[thread.lane], data, bytes);
  if (!meeting.arrive(warp.live)) wait_until([&] { return meeting.generation != generation; });
  return lanes;
}

std::byte* shared_at(const Block& block, std::uint32_t address, std::size_t bytes) {
  const std::size_t offset = std::size_t{address} - kSharedBase;
  if (address < kSharedBase || offset + bytes > block.shared_bytes)
    fail("shared memory at " + std::to_string(address) + " is outside the block's " +
         std::to_string(block.shared_bytes) + " bytes");
  return block.shared + offset;
}
std::byte* shared_at(std::uint32_t address, std::size_t bytes) {
  return shared_at(*self().block, address, bytes);
}
std::uint32_t shared_address_of(const void* p) {
  return static_cast<std::uint32_t>(static_cast<const std::byte*>(p) - self().block->shared) +
         kSharedBase;
}

namespace {

void sync(Rendezvous& meeting, int expected) {
  const unsigned generation = meeting.generation;
  if (!meeting.arrive(expected)) wait_until([&] { return meeting.generation != generation; });
}

}  // namespace

void sync_block() { sync(self().block->barriers[0], self().block->live); }
void sync_named(int id, int threads) { sync(self().block->barriers[id], threads); }
void arrive_named(int id, int threads) { self().block->barriers[id].arrive(threads); }
void sync_cluster() { sync(self().cluster->meeting, self().cluster->live); }
const Block& block_of_cluster(int rank) {
  return self().cluster->blocks[static_cast<std::size_t>(rank)];
}

std::string run(const Grid& grid, const Operation& kernel) {
  static std::mutex one_at_a_time;
  const std::lock_guard lock(one_at_a_time);
  running_grid = grid;
  const unsigned blocks = grid.grid.x * grid.grid.y * grid.grid.z;
  std::string error;
  for (unsigned block = 0; block < blocks && error.empty(); block += grid.cluster)
    error = Scheduler(grid, block, kernel).run();
  if (!error.empty()) std::fprintf(stderr, "emulator: %s\n", error.c_str());
  return error;
}

}  // namespace octet::emulator
