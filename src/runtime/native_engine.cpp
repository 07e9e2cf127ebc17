#include "runtime/native_engine.hpp"

#include <octet/version.hpp>

#include "base/format.hpp"
#include "runtime/nested_plan.hpp"

namespace octet {
namespace {

std::string choice(const Candidate& candidate) {
  return concat(candidate.backend->name(), '/', candidate.kernel->name);
}

// Chooses again what a blob says was chosen.
class Replay final : public KernelChooser {
 public:
  explicit Replay(std::span<const std::byte> blob) {
    std::string name;
    for (const std::byte byte : blob) {
      const char c = static_cast<char>(byte);
      if (c != '\n') name += c;
      else choices_.push_back(std::exchange(name, {}));
    }
    if (!name.empty()) throw Error(StatusCode::invalid_input, "the list of kernels is cut off");
  }

  std::size_t choose(const Problem&, const Demands&, std::span<Candidate> candidates) override {
    if (next_ == choices_.size())
      throw Error(StatusCode::invalid_input, "the list of kernels is too short");
    const std::string& wanted = choices_[next_++];
    for (std::size_t i = 0; i < candidates.size(); ++i)
      if (candidates[i].verdict.ok() && choice(candidates[i]) == wanted) return i;
    throw Error(StatusCode::invalid_input, concat("no kernel that can do it is called ", wanted));
  }

  void check_all_used() const {
    if (next_ != choices_.size())
      throw Error(StatusCode::invalid_input, "the list of kernels is too long");
  }

 private:
  std::vector<std::string> choices_;
  std::size_t next_ = 0;
};

std::vector<std::byte> choices_of(const Plan& plan) {
  std::string text;
  for (const PlanStep& step : plan.steps)
    text += concat(step.backend->name(), '/', step.info.kernel, '\n');
  const auto* data = reinterpret_cast<const std::byte*>(text.data());
  return {data, data + text.size()};
}

class NativeEngine final : public SubgraphEngine {
 public:
  NativeEngine(PlanOptions options, Pipeline pipeline, std::string settings)
      : options_(std::move(options)),
        pipeline_(std::move(pipeline)),
        settings_(std::move(settings)) {
    options_.demands.subgraphs = nullptr;  // no sub-graphs in sub-graphs
  }

  std::string_view name() const noexcept override { return "native"; }

  std::string identity() const override {
    std::string text = concat("octet ", version(), "; ", settings_);
    for (const Backend* backend : options_.backends) {
      const DeviceIdentity id = backend->identity();
      text += concat("; ", backend->name(), ' ', id.device, ' ', id.capability, ' ', id.driver, ' ',
                     id.library);
    }
    for (const Pass& pass : pipeline_) text += concat("; ", pass.name);
    return text;
  }

  Built build(const Graph& graph, const Demands&) const override {
    const auto plan = make_plan(optimised(graph), options_);
    return {make_nested_plan(plan), choices_of(*plan)};
  }

  std::unique_ptr<Executable> load(const Graph& graph, const Demands&,
                                   std::span<const std::byte> blob) const override {
    Replay replay(blob);
    PlanOptions options = options_;
    options.chooser = &replay;
    const auto plan = make_plan(optimised(graph), options);
    replay.check_all_used();
    return make_nested_plan(plan);
  }

 private:
  Graph optimised(Graph graph) const {
    graph.compact();
    run_pipeline(pipeline_, graph);
    give_outputs_steps(graph);
    return graph;
  }

  PlanOptions options_;
  Pipeline pipeline_;
  std::string settings_;
};

}  // namespace

std::unique_ptr<SubgraphEngine> make_native_engine(PlanOptions options, Pipeline pipeline,
                                                   std::string settings) {
  return std::make_unique<NativeEngine>(std::move(options), std::move(pipeline),
                                        std::move(settings));
}

}  // namespace octet
