// Which buffers a sequence of steps needs and how long each of them lives.
#pragma once

#include "ir/graph.hpp"
#include "kernels/kernel.hpp"
#include "runtime/memory_planner.hpp"

namespace octet {

inline constexpr std::size_t kNoBuffer = static_cast<std::size_t>(-1);

struct Buffers {
  std::vector<BufferRequest> requests;
  std::vector<std::size_t> of_value;      // by ValueId; kNoBuffer where no step produces the value
  std::vector<std::size_t> of_workspace;  // by step; kNoBuffer where it needs none
};

// A node of the graph with the kernel that runs it.
struct BufferStep {
  NodeId node = kNoNode;
  const Executable* executable = nullptr;
};

// With `in_place` a step's first output takes the buffer of an input that dies there, where its
// kernel allows that. Results of the graph live to the end.
Buffers assign_buffers(const Graph& graph, std::span<const BufferStep> steps, bool in_place);

}  // namespace octet
