#include "backends/cudnn/conv_graph.hpp"

#include "base/format.hpp"

namespace octet::cudnn {
namespace {

// Names of the tensors, for the pointers of a run. Virtual ones count on from kVirtual.
enum Id : std::int64_t { kX = 1, kW, kY, kScale, kBias, kZ, kZScale, kVirtual = 100 };

constexpr std::int64_t kAlignment = 16;

const void* pointer_of(std::int64_t id, const ConvPointers& pointers) {
  switch (id) {
    case kX: return pointers.x;
    case kW: return pointers.w;
    case kY: return pointers.y;
    case kScale: return pointers.scale;
    case kBias: return pointers.bias;
    case kZ: return pointers.z;
    default: return pointers.z_scale;
  }
}

// The engine configurations that cuDNN thinks suit the graph, the best first.
std::vector<Descriptor> configurations(const Descriptor& graph, std::size_t wanted) {
  std::vector<Descriptor> configurations;
  for (const cudnnBackendHeurMode_t mode : {CUDNN_HEUR_MODE_A, CUDNN_HEUR_MODE_FALLBACK}) {
    Descriptor heuristics(CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR);
    heuristics.set(CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH, graph);
    heuristics.set(CUDNN_ATTR_ENGINEHEUR_MODE, CUDNN_TYPE_HEUR_MODE, 1, &mode);
    if (library().finalize(heuristics.raw()) != CUDNN_STATUS_SUCCESS) continue;
    std::int64_t count = 0;
    check(library().get_attribute(heuristics.raw(), CUDNN_ATTR_ENGINEHEUR_RESULTS,
                                  CUDNN_TYPE_BACKEND_DESCRIPTOR, 0, &count, nullptr),
          "counting plans");
    std::vector<cudnnBackendDescriptor_t> raw;
    const std::size_t first = configurations.size();
    for (std::int64_t i = 0; i < count; ++i)
      raw.push_back(configurations.emplace_back(CUDNN_BACKEND_ENGINECFG_DESCRIPTOR).raw());
    check(library().get_attribute(heuristics.raw(), CUDNN_ATTR_ENGINEHEUR_RESULTS,
                                  CUDNN_TYPE_BACKEND_DESCRIPTOR, count, &count, raw.data()),
          "asking for plans");
    while (configurations.size() > first + static_cast<std::size_t>(count))
      configurations.pop_back();
    if (configurations.size() > wanted) break;
  }
  return configurations;
}

}  // namespace

Descriptor& ConvPlan::keep(Descriptor descriptor) {
  return parts_.emplace_back(std::move(descriptor));
}

Descriptor& ConvPlan::tensor(std::int64_t id, cudnnDataType_t type,
                             const std::array<std::int64_t, 4>& dims, bool is_virtual) {
  Descriptor t(CUDNN_BACKEND_TENSOR_DESCRIPTOR);
  t.set(CUDNN_ATTR_TENSOR_DATA_TYPE, type);
  t.set(CUDNN_ATTR_TENSOR_DIMENSIONS, {dims[0], dims[1], dims[2], dims[3]});
  // The last axis in memory is the channel.
  t.set(CUDNN_ATTR_TENSOR_STRIDES, {dims[1] * dims[2] * dims[3], 1, dims[1] * dims[3], dims[1]});
  t.set(CUDNN_ATTR_TENSOR_UNIQUE_ID, id);
  t.set(CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT, kAlignment);
  t.set(CUDNN_ATTR_TENSOR_IS_VIRTUAL, CUDNN_TYPE_BOOLEAN, 1, &is_virtual);
  if (!is_virtual) ids_.push_back(id);
  return keep(std::move(t.finish("describing a tensor")));
}

void ConvPlan::add_convolution(const ConvSpec& spec, const Descriptor& y) {
  Descriptor conv(CUDNN_BACKEND_CONVOLUTION_DESCRIPTOR);
  const cudnnConvolutionMode_t mode = CUDNN_CROSS_CORRELATION;
  const auto pair = [](const std::array<std::int64_t, 2>& a) {
    return std::vector<std::int64_t>(a.begin(), a.end());
  };
  conv.set(CUDNN_ATTR_CONVOLUTION_COMP_TYPE, CUDNN_DATA_INT32);
  conv.set(CUDNN_ATTR_CONVOLUTION_CONV_MODE, CUDNN_TYPE_CONVOLUTION_MODE, 1, &mode);
  conv.set(CUDNN_ATTR_CONVOLUTION_SPATIAL_DIMS, std::int64_t{2});
  conv.set(CUDNN_ATTR_CONVOLUTION_DILATIONS, pair(spec.dilation));
  conv.set(CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES, pair(spec.stride));
  conv.set(CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS, pair(spec.pad_before));
  conv.set(CUDNN_ATTR_CONVOLUTION_POST_PADDINGS, pair(spec.pad_after));
  const Descriptor& kept = keep(std::move(conv.finish("describing a convolution")));

  const float one = 1.0f, zero = 0.0f;
  Descriptor operation(CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR);
  operation.set(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_ALPHA, CUDNN_TYPE_FLOAT, 1, &one);
  operation.set(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_BETA, CUDNN_TYPE_FLOAT, 1, &zero);
  operation.set(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_CONV_DESC, kept);
  operation.set(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_X,
                tensor(kX, CUDNN_DATA_INT8, {spec.n, spec.c, spec.h, spec.w}));
  operation.set(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_W,
                tensor(kW, CUDNN_DATA_INT8, {spec.k, spec.c, spec.r, spec.s}));
  operation.set(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_Y, y);
  operations_.push_back(keep(std::move(operation.finish("adding a convolution"))).raw());
}

void ConvPlan::add_pointwise(cudnnPointwiseMode_t mode, const Descriptor& x, const Descriptor* b,
                             const Descriptor& y) {
  Descriptor pointwise(CUDNN_BACKEND_POINTWISE_DESCRIPTOR);
  pointwise.set(CUDNN_ATTR_POINTWISE_MODE, CUDNN_TYPE_POINTWISE_MODE, 1, &mode);
  pointwise.set(CUDNN_ATTR_POINTWISE_MATH_PREC, CUDNN_DATA_FLOAT);
  const Descriptor& kept = keep(std::move(pointwise.finish("describing an operation")));
  Descriptor operation(CUDNN_BACKEND_OPERATION_POINTWISE_DESCRIPTOR);
  operation.set(CUDNN_ATTR_OPERATION_POINTWISE_PW_DESCRIPTOR, kept);
  operation.set(CUDNN_ATTR_OPERATION_POINTWISE_XDESC, x);
  if (b != nullptr) operation.set(CUDNN_ATTR_OPERATION_POINTWISE_BDESC, *b);
  operation.set(CUDNN_ATTR_OPERATION_POINTWISE_YDESC, y);
  operations_.push_back(keep(std::move(operation.finish("adding an operation"))).raw());
}

void ConvPlan::add_epilogue(const ConvSpec& spec, const Descriptor& sum) {
  const std::array<std::int64_t, 4> map{spec.n, spec.k, spec.oh, spec.ow}, row{1, spec.k, 1, 1};
  std::int64_t next = kVirtual;
  const auto between = [&]() -> Descriptor& { return tensor(++next, CUDNN_DATA_FLOAT, map, true); };
  const Descriptor& y = tensor(kY, CUDNN_DATA_INT8, map);
  const Descriptor& scaled = between();
  add_pointwise(CUDNN_POINTWISE_MUL, sum, &tensor(kScale, CUDNN_DATA_FLOAT, row), scaled);
  const bool bias_is_last = !spec.has_z && !spec.relu;
  const Descriptor* last = bias_is_last ? &y : &between();
  add_pointwise(CUDNN_POINTWISE_ADD, scaled, &tensor(kBias, CUDNN_DATA_FLOAT, row), *last);
  if (spec.has_z) {
    const Descriptor& z = between();
    add_pointwise(CUDNN_POINTWISE_MUL, tensor(kZ, CUDNN_DATA_INT8, map),
                  &tensor(kZScale, CUDNN_DATA_FLOAT, {1, 1, 1, 1}), z);
    const Descriptor& added = spec.relu ? between() : y;
    add_pointwise(CUDNN_POINTWISE_ADD, *last, &z, added);
    last = &added;
  }
  if (spec.relu) add_pointwise(CUDNN_POINTWISE_RELU_FWD, *last, nullptr, y);
}

Descriptor ConvPlan::graph() const {
  Descriptor graph(CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR);
  const cudnnHandle_t handle = handle_.get();
  graph.set(CUDNN_ATTR_OPERATIONGRAPH_HANDLE, CUDNN_TYPE_HANDLE, 1, &handle);
  graph.set(CUDNN_ATTR_OPERATIONGRAPH_OPS, CUDNN_TYPE_BACKEND_DESCRIPTOR,
            static_cast<std::int64_t>(operations_.size()), operations_.data());
  graph.finish("making a graph");
  return graph;
}

ConvPlan::ConvPlan(const ConvSpec& spec, std::size_t rank) {
  const std::array<std::int64_t, 4> map{spec.n, spec.k, spec.oh, spec.ow};
  const Descriptor& sum = tensor(kVirtual, CUDNN_DATA_INT32, map, true);
  add_convolution(spec, sum);
  add_epilogue(spec, sum);
  build(rank);
}

void ConvPlan::build(std::size_t rank) {
  const Descriptor& graph = keep(this->graph());
  std::vector<Descriptor> offers = configurations(graph, rank);
  if (rank >= offers.size())
    throw Error(StatusCode::unsupported, concat("cuDNN offers only ", offers.size(), " plans"));
  const Descriptor& configuration = keep(std::move(offers[rank]));
  const cudnnHandle_t handle = handle_.get();
  plan_ = std::make_unique<Descriptor>(CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR);
  plan_->set(CUDNN_ATTR_EXECUTION_PLAN_HANDLE, CUDNN_TYPE_HANDLE, 1, &handle);
  plan_->set(CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG, configuration);
  plan_->finish("building a plan");
  std::int64_t bytes = 0, count = 0;
  check(library().get_attribute(plan_->raw(), CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE,
                                CUDNN_TYPE_INT64, 1, &count, &bytes),
        "asking for a workspace");
  workspace_ = static_cast<std::size_t>(bytes);
}

void ConvPlan::execute(cudnnHandle_t handle, const ConvPointers& pointers, void* workspace) const {
  std::vector<const void*> data;
  for (const std::int64_t id : ids_) data.push_back(pointer_of(id, pointers));
  Descriptor pack(CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR);
  pack.set(CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS, ids_);
  pack.set(CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS, CUDNN_TYPE_VOID_PTR,
           static_cast<std::int64_t>(data.size()), data.data());
  pack.set(CUDNN_ATTR_VARIANT_PACK_WORKSPACE, CUDNN_TYPE_VOID_PTR, 1, &workspace);
  pack.finish("naming the operands");
  check(library().execute(handle, plan_->raw(), pack.raw()), "running a plan");
}

}  // namespace octet::cudnn
