#include "backends/tensorrt/execution.hpp"

#include "backends/cuda/runtime/check.hpp"
#include "backends/cuda/runtime/context.hpp"
#include "base/format.hpp"

namespace octet::tensorrt {
namespace {

// A stream of our own, for what must not be recorded. While it lives, this thread may allocate and
// wait although another stream of it records.
class SideStream {
 public:
  SideStream() {
    OCTET_CUDA_CHECK(cudaThreadExchangeStreamCaptureMode(&mode_));
    OCTET_CUDA_CHECK(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking));
  }
  ~SideStream() {
    static_cast<void>(cudaStreamDestroy(stream_));
    static_cast<void>(cudaThreadExchangeStreamCaptureMode(&mode_));
  }
  SideStream(const SideStream&) = delete;
  SideStream& operator=(const SideStream&) = delete;
  cudaStream_t get() const noexcept { return stream_; }

 private:
  cudaStreamCaptureMode mode_ = cudaStreamCaptureModeRelaxed;
  cudaStream_t stream_ = nullptr;
};

struct Port {
  std::string name;
  TensorType type;
};

// A piece of the runtime may not go before what it made.
struct LoadedEngine {
  std::unique_ptr<nvinfer1::IRuntime> runtime;
  std::unique_ptr<nvinfer1::ICudaEngine> engine;
};

// One run at a time: what a stream's context keeps for this engine.
struct Session {
  std::shared_ptr<const LoadedEngine> owner;
  std::unique_ptr<nvinfer1::IExecutionContext> context;
};

class Execution final : public Executable {
 public:
  Execution(std::shared_ptr<const LoadedEngine> engine, std::vector<Port> inputs,
            std::vector<Port> outputs)
      : engine_(std::move(engine)), inputs_(std::move(inputs)), outputs_(std::move(outputs)) {}

  void run(const RunArgs& args) const override {
    auto& stream = static_cast<cuda::StreamContext&>(*args.context);
    auto& session = stream.attachment<Session>(number_, [&] { return make_session(args); });
    set_addresses(*session.context, args);
    if (!session.context->enqueueV3(stream.stream())) fail("enqueueV3 failed");
  }

 private:
  // The first run of a context allocates and may wait, which a recording does not allow, so it
  // happens on another stream. It writes what the real run writes again.
  std::shared_ptr<Session> make_session(const RunArgs& args) const {
    const SideStream side;
    auto session = std::make_shared<Session>();
    session->owner = engine_;
    session->context = owned(engine_->engine->createExecutionContext(), "createExecutionContext");
    for (const Port& input : inputs_)
      if (!session->context->setInputShape(input.name.c_str(), dims_of(input.type.shape)))
        fail(concat("the engine does not take ", input.type.to_string()));
    set_addresses(*session->context, args);
    if (!session->context->enqueueV3(side.get())) fail("enqueueV3 failed");
    OCTET_CUDA_CHECK(cudaStreamSynchronize(side.get()));
    return session;
  }

  void set_addresses(nvinfer1::IExecutionContext& context, const RunArgs& args) const {
    bool accepted = true;
    for (std::size_t i = 0; i < inputs_.size(); ++i)
      accepted &= context.setInputTensorAddress(inputs_[i].name.c_str(), args.inputs[i]);
    for (std::size_t i = 0; i < outputs_.size(); ++i)
      accepted &= context.setOutputTensorAddress(outputs_[i].name.c_str(), args.outputs[i]);
    if (!accepted) fail("an address of an input or output is refused");
  }

  std::shared_ptr<const LoadedEngine> engine_;
  std::vector<Port> inputs_, outputs_;
  const std::uint64_t number_ = cuda::unique_number();
};

// A plan from a cache may be anybody's: what it takes and gives must be what the graph does.
Port check_port(const nvinfer1::ICudaEngine& engine, const std::string& name,
                const TensorType& type, nvinfer1::TensorIOMode mode) {
  if (engine.getTensorIOMode(name.c_str()) != mode)
    fail(concat("the engine has no tensor \"", name, "\" in this role"));
  const auto wanted =
      type.dtype == DType::s8 ? nvinfer1::DataType::kINT8 : nvinfer1::DataType::kFLOAT;
  const nvinfer1::Dims dims = engine.getTensorShape(name.c_str());
  bool fits = engine.getTensorDataType(name.c_str()) == wanted &&
              dims.nbDims == static_cast<std::int32_t>(type.shape.rank());
  for (std::size_t i = 0; fits && i < type.shape.rank(); ++i)
    fits = dims.d[i] == -1 || dims.d[i] == type.shape[i];
  if (!fits) fail(concat("the engine's \"", name, "\" is not ", type.to_string()));
  return {name, type};
}

}  // namespace

nvinfer1::Dims dims_of(const Shape& shape) {
  nvinfer1::Dims dims{};
  dims.nbDims = static_cast<std::int32_t>(shape.rank());
  for (std::size_t i = 0; i < shape.rank(); ++i) dims.d[i] = shape[i];
  return dims;
}

std::unique_ptr<Executable> make_execution(const Library& library, const Graph& graph,
                                           const EngineBlob& blob) {
  if (blob.inputs.size() != graph.inputs().size() || blob.outputs.size() != graph.outputs().size())
    fail("the engine has another number of inputs or outputs");
  auto loaded = std::make_shared<LoadedEngine>();
  loaded->runtime = library.runtime();
  loaded->engine = owned(loaded->runtime->deserializeCudaEngine(blob.plan.data(), blob.plan.size()),
                         "deserializeCudaEngine");
  std::vector<Port> inputs, outputs;
  for (std::size_t i = 0; i < blob.inputs.size(); ++i)
    inputs.push_back(check_port(*loaded->engine, blob.inputs[i], graph.type(graph.inputs()[i]),
                                nvinfer1::TensorIOMode::kINPUT));
  for (std::size_t i = 0; i < blob.outputs.size(); ++i)
    outputs.push_back(check_port(*loaded->engine, blob.outputs[i],
                                 graph.type(graph.outputs()[i].value),
                                 nvinfer1::TensorIOMode::kOUTPUT));
  return std::make_unique<Execution>(std::move(loaded), std::move(inputs), std::move(outputs));
}

}  // namespace octet::tensorrt
