// From a graph to ONNX nodes. Each operator is one function and one row in the file of its family.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "formats/onnx/onnx_builder.hpp"
#include "formats/onnx/writer.hpp"
#include "ir/graph.hpp"
#include "ops/attributes.hpp"

namespace octet::onnx {

class Exporter;
using ExportFunction = void (*)(Exporter&, const Node&);
struct ExportRow {
  std::string_view kind;
  ExportFunction write;
};

// The rows of each family.
std::span<const ExportRow> product_exports();
std::span<const ExportRow> pool_exports();
std::span<const ExportRow> convert_exports();
std::span<const ExportRow> elementwise_exports();
std::span<const ExportRow> shape_exports();
std::span<const ExportRow> move_exports();
std::span<const ExportRow> index_exports();
std::span<const ExportRow> reduce_exports();

// A quantised value has two names in ONNX: of the tensor with its stored integers, and of the
// tensor with its real numbers, which a DequantizeLinear makes of it where somebody asks for them.
class Exporter {
 public:
  Exporter(const Graph& graph, const OnnxOptions& options);

  // Writes every node; throws Error(unsupported) with the node as `where`. Afterwards the graph's
  // outputs have their names and no types yet.
  void run();
  OnnxBuilder& builder() noexcept { return builder_; }
  // How many operators round in a way that ONNX does not.
  int changed_roundings() const noexcept { return changed_roundings_; }

  // --- for the rows -----------------------------------------------------------------------------
  const Graph& graph() const noexcept { return graph_; }
  int opset() const noexcept { return options_.opset; }
  bool for_tensorrt() const noexcept { return options_.for_tensorrt; }
  const TensorType& type(ValueId value) const { return graph_.type(value); }

  // Names of tensors: the value as the graph holds it, as f32 numbers, and (for plain numbers) as
  // 64-bit integers.
  const std::string& stored(ValueId value);
  std::string real(ValueId value);
  std::string int64(ValueId value);
  // What an operator that only moves elements takes, and how its output is defined then.
  std::string moved(ValueId value);
  void define_moved(ValueId value, const std::string& name);
  // An optional input: empty when the node does not have it.
  std::string optional_stored(const Node& node, std::size_t input);
  // Whether a node or the graph's outputs read the value.
  bool is_read(ValueId value) const { return read_[static_cast<std::size_t>(value)]; }

  // Adds a node with one output and gives the output's name.
  std::string emit(std::string_view op_type, std::vector<std::string> inputs,
                   const AttributeList& attributes = {});
  std::string quantise(const std::string& real, const OutputSpec& output);
  std::string dequantise(const std::string& stored, const OutputSpec& from);
  std::string activate(const Activation& activation, std::string value);
  std::string hard_swish(const std::string& x);
  std::string integers(const std::vector<std::int64_t>& values);
  std::string number(float value);
  // The scale and the zero point of a quantised type, as two names.
  std::pair<std::string, std::string> parameters(const OutputSpec& spec);
  std::string zero_point(const TensorType& type);

  // What a node's output is called: as the graph holds it, or by its f32 numbers, which are
  // quantised if the value is.
  void define(ValueId value, std::string name);
  void define_real(ValueId value, const std::string& name, QuantRule rule);
  void note_rounding(bool is_onnx) noexcept { changed_roundings_ += is_onnx ? 0 : 1; }

  [[noreturn]] static void unsupported(const std::string& what);
  // For what ONNX has only from some opset on.
  void require_opset(int first, const std::string& what) const;

 private:
  std::string emit_scaled(std::string_view op_type, const std::string& x, const OutputSpec& spec);
  void write_nodes();
  void name_outputs();

  const Graph& graph_;
  const OnnxOptions options_;
  OnnxBuilder builder_;
  const Node* node_ = nullptr;  // the one being written
  std::vector<bool> read_;      // by value
  std::vector<std::string> output_names_;
  std::map<ValueId, std::string> stored_, real_, int64_;
  std::map<std::string, std::pair<std::string, std::string>>
      parameters_;  // by the text of the spec
  std::map<std::vector<std::int64_t>, std::string> integers_;
  int changed_roundings_ = 0;
};

}  // namespace octet::onnx
