// Changes of element type.
#include "formats/onnx/exporter.hpp"
#include "ops/convert.hpp"
#include "ops/shape.hpp"

namespace octet::onnx {
namespace {

std::string cast(Exporter& e, const std::string& name, DType dtype) {
  return e.emit("Cast", {name}, {{"to", std::int64_t{data_type_of(dtype)}}});
}

void export_convert(Exporter& e, const Node& node) {
  const Convert& op = *node.as<Convert>();
  const ValueId y = node.outputs[0];
  const std::string real = e.real(node.inputs[0]);
  if (op.output.quant || op.output.dtype == DType::f32) return e.define_real(y, real, op.rule);
  e.define(y, cast(e, real, op.output.dtype));
}

void export_cast(Exporter& e, const Node& node) {
  e.define(node.outputs[0], cast(e, e.stored(node.inputs[0]), node.as<Cast>()->dtype));
}

// The same bytes under another meaning: the meaning stands where the value is read.
void export_same(Exporter& e, const Node& node) {
  e.define(node.outputs[0], e.stored(node.inputs[0]));
}

void export_quantize_by_input(Exporter& e, const Node& node) {
  const QuantizeByInput& op = *node.as<QuantizeByInput>();
  e.define(node.outputs[0],
           e.emit(op.dequantize ? "DequantizeLinear" : "QuantizeLinear",
                  {e.stored(node.inputs[0]), e.stored(node.inputs[1]), e.optional_stored(node, 2)},
                  {{"axis", std::int64_t{op.axis}}}));
}

void export_dynamic_quantize(Exporter& e, const Node& node) {
  std::vector<std::string> outputs;
  for (const char* part : {".y", ".scale", ".zero_point"})
    outputs.push_back(e.builder().unique_name(node.name + part));
  e.builder().add_node("DynamicQuantizeLinear", {e.stored(node.inputs[0])}, outputs, {}, node.name);
  for (std::size_t i = 0; i < outputs.size(); ++i) e.define(node.outputs[i], outputs[i]);
}

constexpr ExportRow kRows[] = {
    {Convert::kKind, export_convert},
    {Cast::kKind, export_cast},
    {SetQuant::kKind, export_same},
    {Identity::kKind, export_same},
    {QuantizeByInput::kKind, export_quantize_by_input},
    {DynamicQuantize::kKind, export_dynamic_quantize},
};

}  // namespace

std::span<const ExportRow> convert_exports() { return kRows; }

}  // namespace octet::onnx
