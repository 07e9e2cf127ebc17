// How a model would be divided among an engine that runs whole sub-graphs and Octet itself.
#pragma once

#include <octet/model.hpp>

namespace octet {

struct PartitionRequest {
  std::string engine = "tensorrt";  // or "native"; it need not be there
  std::size_t min_nodes = 10;       // the fewest operators that are worth a sub-graph
  bool onnx = false;                // also write each sub-graph as ONNX
};

struct SubgraphInfo {
  std::string name;
  std::string kind;                              // "int8" or "float"
  std::vector<std::string> nodes;                // their names, producers before users
  std::map<std::string, std::size_t> operators;  // kind -> how many
  std::vector<TensorInfo> inputs, outputs;
  std::int64_t macs = 0;
  std::vector<std::byte> onnx;  // empty unless asked for, or where `onnx_refusal` says why
  std::string onnx_refusal;
};

// An operator that stays with Octet.
struct OutsideInfo {
  std::string node, op;
  std::string reason;  // fits behind "because"
};

struct PartitionInfo {
  std::size_t operators = 0, covered = 0;  // of the model without what only its format needed
  std::int64_t macs = 0, covered_macs = 0;
  std::vector<SubgraphInfo> subgraphs;
  std::vector<OutsideInfo> outside;
};

// Nothing is built. Fails with invalid_argument for an engine that no build knows.
Result<PartitionInfo> partition_model(const Model& model, const PartitionRequest& request = {});

// What could run sub-graphs.
struct SubgraphEngineInfo {
  std::string name;
  std::string description;  // with its version and device
  std::string unavailable;  // why it cannot run on this machine; empty: it can
};
std::vector<SubgraphEngineInfo> subgraph_engines();

}  // namespace octet
