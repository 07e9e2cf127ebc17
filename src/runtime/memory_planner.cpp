#include "runtime/memory_planner.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <numeric>

#include "base/checked.hpp"

namespace octet {
namespace {

struct Placed {
  std::size_t begin, end;
  std::int32_t first, last;
};

std::size_t aligned(std::size_t bytes, std::size_t alignment) {
  return checked_add(bytes, alignment - 1) / alignment * alignment;
}

// The start of the smallest gap of at least `bytes` between `neighbours`, which are sorted by
// begin; after the last of them when there is none.
std::size_t best_gap(std::span<const Placed> neighbours, std::size_t bytes) {
  std::size_t best = 0, best_size = std::numeric_limits<std::size_t>::max(), free_from = 0;
  bool found = false;
  for (const Placed& neighbour : neighbours) {
    if (neighbour.begin > free_from) {
      const std::size_t size = neighbour.begin - free_from;
      if (size >= bytes && size < best_size) {
        best = free_from;
        best_size = size;
        found = true;
      }
    }
    free_from = std::max(free_from, neighbour.end);
  }
  return found ? best : free_from;
}

// The most bytes that live at one step.
std::size_t peak_of(std::span<const BufferRequest> requests, std::span<const std::size_t> sizes) {
  std::map<std::int32_t, std::pair<std::size_t, std::size_t>> changes;  // per step: born, dead
  for (std::size_t i = 0; i < requests.size(); ++i) {
    changes[requests[i].first].first += sizes[i];
    changes[requests[i].last + 1].second += sizes[i];
  }
  std::size_t alive = 0, peak = 0;
  for (const auto& [step, change] : changes) {
    alive += change.first - change.second;  // unsigned: wraps to the right sum
    peak = std::max(peak, alive);
  }
  return peak;
}

}  // namespace

MemoryLayout lay_out(std::span<const BufferRequest> requests, std::size_t alignment, bool reuse) {
  MemoryLayout layout;
  layout.offsets.resize(requests.size());
  std::vector<std::size_t> sizes(requests.size()), order(requests.size());
  for (std::size_t i = 0; i < requests.size(); ++i) {
    sizes[i] = aligned(std::max<std::size_t>(requests[i].bytes, 1), alignment);
    layout.total_bytes = checked_add(layout.total_bytes, sizes[i]);
  }
  layout.least_bytes = reuse ? peak_of(requests, sizes) : layout.total_bytes;
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return sizes[a] > sizes[b]; });

  std::vector<Placed> placed;  // sorted by begin
  std::vector<Placed> neighbours;
  placed.reserve(requests.size());
  for (const std::size_t i : order) {
    const BufferRequest& request = requests[i];
    neighbours.clear();
    std::copy_if(placed.begin(), placed.end(), std::back_inserter(neighbours),
                 [&](const Placed& other) {
                   return !reuse || (other.first <= request.last && request.first <= other.last);
                 });
    const std::size_t begin = best_gap(neighbours, sizes[i]);
    const Placed mine{begin, begin + sizes[i], request.first, request.last};
    placed.insert(
        std::upper_bound(placed.begin(), placed.end(), mine,
                         [](const Placed& a, const Placed& b) { return a.begin < b.begin; }),
        mine);
    layout.offsets[i] = begin;
    layout.arena_bytes = std::max(layout.arena_bytes, mine.end);
  }
  return layout;
}

}  // namespace octet
