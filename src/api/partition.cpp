#include <octet/partition.hpp>

#include "api/guard.hpp"
#include "api/model_impl.hpp"
#include "formats/onnx/writer.hpp"
#include "kernels/cost.hpp"
#include "passes/outline.hpp"
#include "passes/partition.hpp"
#include "passes/pipelines.hpp"
#include "runtime/subgraph_engines.hpp"

namespace octet {
namespace {

void write_onnx_of(const Graph& inner, const OnnxOptions& options, SubgraphInfo& info) {
  ModelFile file;
  file.graph = inner;
  try {
    info.onnx = write_onnx(file, nullptr, options);
  } catch (const Error& error) {
    if (error.status().code() != StatusCode::unsupported) throw;
    info.onnx_refusal = error.what();
  }
}

SubgraphInfo describe(const Node& node, const Part& part, const PartitionRequest& request) {
  const Graph& inner = *node.op->inner();
  SubgraphInfo info;
  info.name = node.name;
  info.kind = to_string(part.kind);
  for (const NodeId id : inner.order()) {
    info.nodes.push_back(inner.node(id).name);
    ++info.operators[std::string(inner.node(id).kind())];
    info.macs += cost_of(Problem::of(inner, id)).macs;
  }
  for (const ValueId id : inner.inputs())
    info.inputs.push_back({inner.value(id).name, inner.type(id)});
  for (const GraphOutput& output : inner.outputs())
    info.outputs.push_back({output.name, inner.type(output.value)});
  if (request.onnx) write_onnx_of(inner, {.for_tensorrt = request.engine == "tensorrt"}, info);
  return info;
}

}  // namespace

std::vector<SubgraphEngineInfo> subgraph_engines() {
  std::vector<SubgraphEngineInfo> infos{{"native", "Octet's own kernels", {}}};
  try {
    infos.push_back({"tensorrt", describe_tensorrt(), {}});
  } catch (const Error& error) {
    infos.push_back({"tensorrt", {}, error.status().message()});
  }
  return infos;
}

Result<PartitionInfo> partition_model(const Model& model, const PartitionRequest& request) {
  return guarded([&] {
    const PartitionOptions options{request.engine, subgraph_capability(request.engine),
                                   request.min_nodes};
    Graph graph = model.impl().graph;
    run_pipeline(cleaning_pipeline(), graph);
    const Partition found = partition(graph, options);

    PartitionInfo info;
    for (const NodeId id : graph.order()) info.macs += cost_of(Problem::of(graph, id)).macs;
    for (const Refusal& refusal : found.refusals) {
      const Node& node = graph.node(refusal.node);
      info.outside.push_back({node.name, std::string(node.kind()), refusal.reason});
    }
    for (std::size_t i = 0; i < found.parts.size(); ++i) {
      const NodeId id =
          outline(graph, found.parts[i].nodes, subgraph_name(options, i), options.engine);
      info.subgraphs.push_back(describe(graph.node(id), found.parts[i], request));
      info.covered += found.parts[i].nodes.size();
      info.covered_macs += info.subgraphs.back().macs;
    }
    info.operators = info.covered + info.outside.size();
    return info;
  });
}

}  // namespace octet
