#include "backends/tensorrt/engine.hpp"

#include <mutex>

#include "backends/cuda/runtime/device.hpp"
#include "backends/tensorrt/engine_blob.hpp"
#include "backends/tensorrt/execution.hpp"
#include "backends/tensorrt/library.hpp"
#include "base/format.hpp"
#include "formats/onnx/writer.hpp"

namespace octet::tensorrt {
namespace {

std::uint32_t network_flags() {
#if NV_TENSORRT_MAJOR >= 11
  return 0;  // every network is strongly typed
#else
  return 1u << static_cast<std::uint32_t>(nvinfer1::NetworkDefinitionCreationFlag::kSTRONGLY_TYPED);
#endif
}

void parse(const Library& library, nvinfer1::INetworkDefinition& network, const Graph& graph) {
  ModelFile file;
  file.graph = graph;
  const std::vector<std::byte> onnx = write_onnx(file, nullptr, {.for_tensorrt = true});
  const auto parser = library.parser(network);
  if (parser->parse(onnx.data(), onnx.size())) return;
  std::string errors;
  for (int i = 0; i < parser->getNbErrors(); ++i)
    errors += concat(i == 0 ? "" : "; ", parser->getError(i)->desc());
  fail(concat("the sub-graph's ONNX form is refused: ", errors));
}

class Engine final : public SubgraphEngine {
 public:
  explicit Engine(const std::string& hint) : library_(library(hint)) {
    const cuda::Device& device = cuda::device();  // throws where there is none
    identity_ = concat("tensorrt ", library_.version, "; ", device.name, ' ', device.major, '.',
                       device.minor, "; driver ", device.driver);
  }

  std::string_view name() const noexcept override { return "tensorrt"; }
  std::string identity() const override { return identity_; }

  Built build(const Graph& graph, const Demands& demands) const override {
    const auto builder = library_.builder();
    const auto network = owned(builder->createNetworkV2(network_flags()), "createNetworkV2");
    parse(library_, *network, graph);
    const auto config = owned(builder->createBuilderConfig(), "createBuilderConfig");
    if (demands.workspace_limit != static_cast<std::size_t>(-1))
      config->setMemoryPoolLimit(nvinfer1::MemoryPoolType::kWORKSPACE, demands.workspace_limit);
    add_profile(*builder, *network, *config, graph);

    const std::lock_guard lock(mutex_);  // for the timings
    const auto timings =
        owned(config->createTimingCache(timings_.data(), timings_.size()), "createTimingCache");
    config->setTimingCache(*timings, false);
    const auto plan =
        owned(builder->buildSerializedNetwork(*network, *config), "buildSerializedNetwork");
    keep_timings(*config);

    EngineBlob blob;
    for (std::int32_t i = 0; i < network->getNbInputs(); ++i)
      blob.inputs.emplace_back(network->getInput(i)->getName());
    for (std::int32_t i = 0; i < network->getNbOutputs(); ++i)
      blob.outputs.emplace_back(network->getOutput(i)->getName());
    const auto* data = static_cast<const std::byte*>(plan->data());
    blob.plan = {data, plan->size()};
    return {make_execution(library_, graph, blob), pack(blob)};
  }

  std::unique_ptr<Executable> load(const Graph& graph, const Demands&,
                                   std::span<const std::byte> bytes) const override {
    return make_execution(library_, graph, unpack(bytes));
  }

 private:
  // The writer leaves the batch open; the engine is for the shapes of the graph.
  static void add_profile(nvinfer1::IBuilder& builder, nvinfer1::INetworkDefinition& network,
                          nvinfer1::IBuilderConfig& config, const Graph& graph) {
    nvinfer1::IOptimizationProfile* profile = builder.createOptimizationProfile();
    if (profile == nullptr) fail("createOptimizationProfile gave nothing");
    for (std::int32_t i = 0; i < network.getNbInputs(); ++i) {
      const nvinfer1::Dims dims =
          dims_of(graph.type(graph.inputs()[static_cast<std::size_t>(i)]).shape);
      using Selector = nvinfer1::OptProfileSelector;
      for (const Selector selector : {Selector::kMIN, Selector::kOPT, Selector::kMAX})
        profile->setDimensions(network.getInput(i)->getName(), selector, dims);
    }
    if (config.addOptimizationProfile(profile) < 0) fail("addOptimizationProfile refused");
  }

  // What was timed for one sub-graph serves the next one, and the same one in another shape.
  void keep_timings(const nvinfer1::IBuilderConfig& config) const {
    const nvinfer1::ITimingCache* cache = config.getTimingCache();
    if (cache == nullptr) return;
    const auto bytes = owned(cache->serialize(), "ITimingCache::serialize");
    const auto* data = static_cast<const std::byte*>(bytes->data());
    timings_.assign(data, data + bytes->size());
  }

  const Library& library_;
  std::string identity_;
  mutable std::mutex mutex_;
  mutable std::vector<std::byte> timings_;
};

}  // namespace

std::unique_ptr<SubgraphEngine> make_engine(const std::string& hint) {
  return std::make_unique<Engine>(hint);
}

}  // namespace octet::tensorrt
