#include "runtime/subgraph_engines.hpp"

#include "base/format.hpp"
#include "passes/tensorrt_capability.hpp"
#include "runtime/native_engine.hpp"
#ifdef OCTET_HAS_TENSORRT
#include "backends/tensorrt/engine.hpp"
#endif

namespace octet {
namespace {

constexpr std::string_view kNative = "native", kTensorRT = "tensorrt";

[[noreturn]] void refuse_name(std::string_view engine) {
  throw Error(StatusCode::invalid_argument, concat("there is no sub-graph engine \"", engine, "\""),
              {}, concat("the engines are ", kNative, " and ", kTensorRT));
}

constexpr const char* kInstead =
    "--subgraph-engine native runs the same sub-graphs by our own kernels";

#ifdef OCTET_HAS_TENSORRT
std::unique_ptr<SubgraphEngine> make_tensorrt() { return tensorrt::make_engine(kInstead); }
#else
std::unique_ptr<SubgraphEngine> make_tensorrt() {
  throw Error(StatusCode::unavailable,
              "TensorRT cannot run sub-graphs: this program was built without it, since no "
              "NvInfer.h and NvOnnxParser.h were found",
              {},
              concat("install TensorRT 10 or 11 from NVIDIA and build with CUDA and "
                     "-DTENSORRT_ROOT=<its folder>; ",
                     kInstead));
}
#endif

std::unique_ptr<SubgraphEngine> make_tensorrt_for(const PlanOptions& plan) {
  auto engine = make_tensorrt();
  if (plan.backends.front()->name() != "cuda")
    throw Error(StatusCode::unavailable,
                concat("TensorRT needs a GPU, and the model runs on the ",
                       plan.backends.front()->name(), " backend"),
                {}, kInstead);
  return engine;
}

}  // namespace

std::string describe_tensorrt() { return make_tensorrt()->identity(); }

SubgraphCapability subgraph_capability(std::string_view engine) {
  if (engine == kNative) return [](const Graph&, NodeId) { return Verdict::accept(); };
  if (engine == kTensorRT) return tensorrt_takes;
  refuse_name(engine);
}

std::unique_ptr<SubgraphEngine> make_subgraph_engine(std::string_view engine, PlanOptions plan,
                                                     Pipeline passes, std::string settings) {
  if (engine == kNative)
    return make_native_engine(std::move(plan), std::move(passes), std::move(settings));
  if (engine == kTensorRT) return make_tensorrt_for(plan);
  refuse_name(engine);
}

}  // namespace octet
