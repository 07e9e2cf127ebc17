// Runs one graph for whatever shapes come: plans by shape, contexts by plan.
#pragma once

#include "passes/pass.hpp"
#include "runtime/context_pool.hpp"

namespace octet {

struct EngineOptions {
  PlanOptions plan;
  Pipeline pipeline;
  std::function<void(const Pass&, const Graph&)> on_pass;
  bool fixed_shapes = false;
  std::size_t plan_cache_size = 8;
};

// Thread safe. Throws Error: invalid_input for tensors that do not fit (both sides are named),
// and whatever making a plan throws.
class Engine {
 public:
  Engine(Graph graph, EngineOptions options);

  // As the graph declares them; the shapes are those of the file.
  const std::vector<TensorInfo>& inputs() const noexcept { return inputs_; }

  // The contexts of the plan for these shapes, one per input() in that order. From the cache, or
  // made now while callers who need no new plan go on.
  std::shared_ptr<ContextPool> contexts_for(std::span<const Shape> shapes);

  // Fills `outputs`: tensors of the right type are overwritten in place, others are replaced.
  void run(const NamedTensors& inputs, NamedTensors& outputs);

  // Throws Error(invalid_input) where a tensor has the name of no input.
  void check_names(const NamedTensors& tensors) const;
  // The tensor for input `index` out of `tensors`, with its name and type checked.
  const Tensor& input_from(const NamedTensors& tensors, std::size_t index) const;

 private:
  struct CachedPlan {
    std::vector<Shape> shapes;
    std::shared_ptr<ContextPool> contexts;
    std::uint64_t last_use = 0;
  };

  template <typename ShapeOfInput>  // std::size_t -> const Shape&
  std::shared_ptr<ContextPool> cached(const ShapeOfInput& shape_of);
  std::shared_ptr<const Plan> plan_for(std::span<const Shape> shapes) const;
  void keep(CachedPlan plan);

  Graph graph_;
  EngineOptions options_;
  std::vector<TensorInfo> inputs_;
  std::mutex cache_mutex_;  // guards the next two
  std::vector<CachedPlan> cache_;
  std::uint64_t uses_ = 0;
  std::mutex plan_mutex_;  // one plan is made at a time
};

}  // namespace octet
