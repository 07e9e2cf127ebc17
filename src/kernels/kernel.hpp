// What a kernel is: one row of a backend's list.
//
// Per operator kind a backend has an ordered list of kernels. Each says for a problem whether it
// can do it or why not, and prepares itself once (packing weights, making tables). What comes out
// is immutable and may run from many threads at once.
#pragma once

#include <memory>
#include <octet/options.hpp>
#include <span>
#include <string>
#include <vector>

#include "ir/graph.hpp"

namespace octet {

// One operator with concrete types: what a kernel is asked to do. text() is at once the key of the
// tuning cache, the line in a report and the argument of op_bench.
struct Problem {
  OpPtr op;
  std::vector<TensorType> inputs;  // of an absent input: f32 scalar, see `present`
  std::vector<TensorType> outputs;
  std::vector<const Tensor*> constants;  // the value where it is known before the run, else nullptr
  std::vector<bool> present;             // false for an optional input that is absent

  static Problem of(const Graph& graph, NodeId node);

  template <typename T>
  const T* as() const noexcept {
    return dynamic_cast<const T*>(op.get());
  }
  bool has_input(std::size_t i) const noexcept { return i < present.size() && present[i]; }
  std::string text() const;
};

// Yes, or no with the reason in words that fit after "because".
class Verdict {
 public:
  static Verdict accept() { return Verdict{}; }
  static Verdict refuse(std::string reason) {
    Verdict v;
    v.reason_ = std::move(reason);
    return v;
  }
  bool ok() const noexcept { return reason_.empty(); }
  explicit operator bool() const noexcept { return ok(); }
  const std::string& reason() const noexcept { return reason_; }

 private:
  std::string reason_;
};

class SubgraphBuilder;

// What the session asks of every kernel.
struct Demands {
  Numerics numerics = Numerics::exact;
  int threads = 1;                                             // CPU threads
  std::size_t workspace_limit = static_cast<std::size_t>(-1);  // bytes per operator
  const SubgraphBuilder* subgraphs = nullptr;                  // who runs sub-graphs, if anybody
};

// What one run needs besides its operands: threads or a stream. Made by the backend; one at a time
// per run, reused between runs.
class ExecutionContext {
 public:
  virtual ~ExecutionContext() = default;
};

// Pointers are in the backend's memory; those of absent inputs are nullptr.
struct RunArgs {
  std::span<const std::byte* const> inputs;
  std::span<std::byte* const> outputs;
  std::byte* workspace = nullptr;  // workspace() bytes, 64-byte aligned, content undefined
  ExecutionContext* context = nullptr;
};

// A kernel prepared for one problem.
class Executable {
 public:
  virtual ~Executable() = default;
  virtual void run(const RunArgs& args) const = 0;
  virtual std::size_t workspace() const { return 0; }
  // False where prepare() took what it needs from a constant input, so its bytes need not be kept.
  virtual bool reads_input(std::size_t index) const { return static_cast<void>(index), true; }
  // True when outputs[0] may be the same memory as inputs[index].
  virtual bool may_overwrite(std::size_t index) const { return static_cast<void>(index), false; }
};

struct Kernel {
  std::string name;  // <op>_<in><weight><out>_<layout>_<method>_<arch>_<tile>
  Verdict (*check)(const Problem& problem, const Demands& demands);
  std::unique_ptr<Executable> (*prepare)(const Problem& problem, const Demands& demands);
  // Expected microseconds on this device, for a problem that check() accepted; absent where a list
  // is simply in order of preference.
  double (*estimate)(const Problem& problem) = nullptr;
  // There so that everything runs, not for speed: only --full-run spends time on it.
  bool naive = false;
};

}  // namespace octet
