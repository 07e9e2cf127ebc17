#include "runtime/engine.hpp"

#include <algorithm>

#include "base/format.hpp"

namespace octet {
namespace {

bool same_quantisation(const TensorType& given, const TensorType& wanted) {
  return !given.quant || given.quant == wanted.quant;
}

std::string shapes_text(std::span<const Shape> shapes) {
  std::vector<std::string> texts;
  for (const Shape& shape : shapes) texts.push_back(shape.to_string());
  return join(texts);
}

}  // namespace

Engine::Engine(Graph graph, EngineOptions options)
    : graph_(std::move(graph)), options_(std::move(options)) {
  for (const ValueId id : graph_.inputs())
    inputs_.push_back({graph_.value(id).name, graph_.type(id)});
}

const Tensor& Engine::input_from(const NamedTensors& tensors, std::size_t index) const {
  const TensorInfo& wanted = inputs_[index];
  const auto found = std::find_if(tensors.begin(), tensors.end(),
                                  [&](const NamedTensor& t) { return t.name == wanted.name; });
  if (found == tensors.end())
    throw Error(StatusCode::invalid_input,
                concat("the model needs a tensor for its input \"", wanted.name, "\", ",
                       wanted.type.to_string(), ", and none was given"));
  const Tensor& tensor = found->tensor;
  const TensorType& given = tensor.type();
  if (tensor.empty() || given.dtype != wanted.type.dtype || !(given.layout == kNCHW) ||
      !same_quantisation(given, wanted.type))
    throw Error(StatusCode::invalid_input,
                concat("the model takes ", wanted.type.to_string(), ", the given tensor is ",
                       tensor.empty() ? "empty" : given.to_string()),
                concat("input \"", wanted.name, "\""));
  return tensor;
}

void Engine::check_names(const NamedTensors& tensors) const {
  for (const NamedTensor& tensor : tensors) {
    const bool known = std::any_of(inputs_.begin(), inputs_.end(), [&](const TensorInfo& input) {
      return input.name == tensor.name;
    });
    if (known) continue;
    std::vector<std::string> names;
    for (const TensorInfo& input : inputs_) names.push_back(concat('"', input.name, '"'));
    throw Error(StatusCode::invalid_input,
                concat("the model has no input \"", tensor.name, "\"; ",
                       names.empty() ? "it has none" : "its inputs are " + join(names)));
  }
}

template <typename ShapeOfInput>
std::shared_ptr<ContextPool> Engine::cached(const ShapeOfInput& shape_of) {
  const std::lock_guard lock(cache_mutex_);
  for (CachedPlan& entry : cache_) {
    bool same = true;
    for (std::size_t i = 0; i < inputs_.size() && same; ++i) same = entry.shapes[i] == shape_of(i);
    if (!same) continue;
    entry.last_use = ++uses_;
    return entry.contexts;
  }
  return nullptr;
}

std::shared_ptr<ContextPool> Engine::contexts_for(std::span<const Shape> shapes) {
  const auto shape_of = [&](std::size_t i) -> const Shape& { return shapes[i]; };
  if (auto contexts = cached(shape_of)) return contexts;
  const std::lock_guard lock(plan_mutex_);
  if (auto contexts = cached(shape_of)) return contexts;
  auto contexts = std::make_shared<ContextPool>(plan_for(shapes));
  keep({{shapes.begin(), shapes.end()}, contexts, 0});
  return contexts;
}

void Engine::keep(CachedPlan plan) {
  const std::lock_guard lock(cache_mutex_);
  if (!cache_.empty() && cache_.size() >= options_.plan_cache_size) {
    // Whoever still runs the oldest plan keeps it alive until done.
    cache_.erase(std::min_element(
        cache_.begin(), cache_.end(),
        [](const CachedPlan& a, const CachedPlan& b) { return a.last_use < b.last_use; }));
  }
  plan.last_use = ++uses_;
  cache_.push_back(std::move(plan));
}

std::shared_ptr<const Plan> Engine::plan_for(std::span<const Shape> shapes) const {
  Graph graph = graph_;
  std::map<std::string, TensorType> changed;
  std::vector<Shape> declared;
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    declared.push_back(inputs_[i].type.shape);
    if (shapes[i] == declared[i]) continue;
    TensorType type = inputs_[i].type;
    type.shape = shapes[i];
    changed.emplace(inputs_[i].name, std::move(type));
  }
  if (!changed.empty() && options_.fixed_shapes)
    throw Error(StatusCode::invalid_input, concat("the shapes are fixed to ", shapes_text(declared),
                                                  ", the input has ", shapes_text(shapes)));
  try {
    if (!changed.empty()) graph.set_input_types(changed);
  } catch (const Error& error) {
    const Status& s = error.status();
    const bool misfit =
        s.code() == StatusCode::invalid_model || s.code() == StatusCode::unsupported;
    throw Error(misfit ? StatusCode::invalid_input : s.code(),
                concat("the model, made for input ", shapes_text(declared), ", cannot take ",
                       shapes_text(shapes), ": ", s.message()),
                s.where(), s.hint());
  }
  graph.compact();
  run_pipeline(options_.pipeline, graph, options_.on_pass);
  return make_plan(graph, options_.plan);
}

void Engine::run(const NamedTensors& inputs, NamedTensors& outputs) {
  check_names(inputs);
  const auto shape_of = [&](std::size_t i) -> const Shape& {
    return input_from(inputs, i).shape();
  };
  auto contexts = cached(shape_of);
  if (!contexts) {
    std::vector<Shape> shapes;
    for (std::size_t i = 0; i < inputs_.size(); ++i) shapes.push_back(shape_of(i));
    contexts = contexts_for(shapes);
  }
  const ContextPool::Lease context = contexts->acquire();
  for (std::size_t i = 0; i < inputs_.size(); ++i) context->set_input(i, input_from(inputs, i));
  context->launch();
  context->read_outputs(outputs);
}

}  // namespace octet
