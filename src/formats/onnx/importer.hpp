// From a ModelProto to a graph, operator by operator; normalise() comes after it.
#pragma once

#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "formats/model_file.hpp"
#include "formats/onnx/external_data.hpp"
#include "formats/onnx/onnx_node.hpp"
#include "formats/onnx/op_table.hpp"

namespace octet::onnx {

class Importer {
 public:
  // Throws Error(unsupported) for an opset out of range. The arguments must outlive the importer.
  Importer(const proto::ModelProto& model, const ExternalData& external,
           const ReadOptions& options);

  // Throws Error(invalid_model, unsupported, resource_exhausted, invalid_argument, io_error).
  Graph run();
  std::vector<std::string> take_warnings() { return std::move(warnings_); }

 private:
  using Names = std::unordered_map<std::string, ValueId>;

  void add_inputs(const proto::GraphProto& graph);
  void add_input(const proto::ValueInfoProto& info);
  void add_initializers(const proto::GraphProto& graph);
  void add_nodes(const proto::GraphProto& graph);
  void add_node(const proto::NodeProto& node);
  std::vector<ValueId> lower(const proto::NodeProto& node, std::int64_t opset);
  std::vector<ValueId> inline_subgraph(const proto::GraphProto& graph);
  void add_outputs(const proto::GraphProto& graph);

  std::int64_t opset_of(const std::string& domain) const;
  const ValueId* find(const std::string& name) const;
  void define(const std::string& name, ValueId value);

  const proto::ModelProto& model_;
  const ExternalData& external_;
  const ReadOptions& options_;
  std::map<std::string, std::int64_t> opsets_;
  Graph graph_;
  std::vector<std::string> warnings_;
  std::vector<Names> scopes_;  // the innermost subgraph last
  OnnxNode::Environment environment_;
};

}  // namespace octet::onnx
