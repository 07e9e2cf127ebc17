#include "runtime/buffers.hpp"

#include <algorithm>

namespace octet {
namespace {

class Assigner {
 public:
  Assigner(const Graph& graph, std::span<const BufferStep> steps)
      : graph_(graph), steps_(steps), last_use_(graph.value_count(), 0) {
    buffers_.of_value.assign(graph.value_count(), kNoBuffer);
    buffers_.of_workspace.assign(steps.size(), kNoBuffer);
    for (std::size_t s = 0; s < steps.size(); ++s)
      for (const ValueId input : graph.node(steps[s].node).inputs)
        if (input != kNoValue) last_use(input) = static_cast<std::int32_t>(s);
    for (const GraphOutput& output : graph.outputs())
      last_use(output.value) = static_cast<std::int32_t>(steps.size());
  }

  Buffers assign(bool in_place) {
    for (std::size_t s = 0; s < steps_.size(); ++s) {
      const Node& node = graph_.node(steps_[s].node);
      for (std::size_t o = 0; o < node.outputs.size(); ++o) {
        const std::size_t shared = in_place && o == 0 ? overwritten(s) : kNoBuffer;
        place(node.outputs[o], static_cast<std::int32_t>(s), shared);
      }
      if (const std::size_t bytes = steps_[s].executable->workspace(); bytes > 0) {
        buffers_.of_workspace[s] = buffers_.requests.size();
        const auto now = static_cast<std::int32_t>(s);
        buffers_.requests.push_back({bytes, now, now});
      }
    }
    return std::move(buffers_);
  }

 private:
  std::int32_t& last_use(ValueId id) { return last_use_[static_cast<std::size_t>(id)]; }
  std::size_t& buffer_of(ValueId id) { return buffers_.of_value[static_cast<std::size_t>(id)]; }

  void place(ValueId id, std::int32_t step, std::size_t shared) {
    const std::int32_t last = std::max(step, last_use(id));
    if (shared != kNoBuffer) {
      buffer_of(id) = shared;
      buffers_.requests[shared].last = last;
      return;
    }
    buffer_of(id) = buffers_.requests.size();
    buffers_.requests.push_back({graph_.type(id).bytes(), step, last});
  }

  // The buffer of an input that step `s` may write its first output into, or kNoBuffer.
  std::size_t overwritten(std::size_t s) {
    const Node& node = graph_.node(steps_[s].node);
    const std::size_t bytes = graph_.type(node.outputs[0]).bytes();
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      const ValueId input = node.inputs[i];
      if (input == kNoValue || buffer_of(input) == kNoBuffer) continue;
      const bool dies_here = last_use(input) == static_cast<std::int32_t>(s);
      // A value that the step reads through another operand too must stay intact.
      const bool read_once = std::count(node.inputs.begin(), node.inputs.end(), input) == 1;
      const bool fits = bytes <= buffers_.requests[buffer_of(input)].bytes;
      if (dies_here && read_once && fits && steps_[s].executable->may_overwrite(i))
        return buffer_of(input);
    }
    return kNoBuffer;
  }

  const Graph& graph_;
  std::span<const BufferStep> steps_;
  std::vector<std::int32_t> last_use_;
  Buffers buffers_;
};

}  // namespace

Buffers assign_buffers(const Graph& graph, std::span<const BufferStep> steps, bool in_place) {
  return Assigner(graph, steps).assign(in_place);
}

}  // namespace octet
