#include "formats/onnx/exporter.hpp"
#include "ops/pool.hpp"

namespace octet::onnx {
namespace {

using Ints = std::vector<std::int64_t>;

// Maxima are taken of the stored integers as they are, averages of real numbers.
void write_pool(Exporter& e, const Node& node, const Pool2d& op) {
  const ValueId x = node.inputs[0], y = node.outputs[0];
  const bool as_stored =
      op.mode == PoolMode::max && e.type(x).quant == e.type(y).quant && !e.for_tensorrt();
  const std::string name = as_stored ? e.stored(x) : e.real(x);
  AttributeList attributes;
  if (!op.global) {
    attributes = {{"kernel_shape", Ints{op.kernel[0], op.kernel[1]}},
                  {"strides", Ints{op.window.stride[0], op.window.stride[1]}},
                  {"pads", Ints(op.window.pad.begin(), op.window.pad.end())},
                  {"ceil_mode", std::int64_t{op.ceil_mode}}};
    if (op.mode == PoolMode::max)
      attributes.emplace_back("dilations", Ints{op.window.dilation[0], op.window.dilation[1]});
    else if (op.window.dilation != std::array<std::int64_t, 2>{1, 1})
      Exporter::unsupported("an average pooling with dilation");
    if (op.mode == PoolMode::average) attributes.emplace_back("count_include_pad", std::int64_t{1});
  }
  const char* type = op.mode == PoolMode::max ? (op.global ? "GlobalMaxPool" : "MaxPool")
                                              : (op.global ? "GlobalAveragePool" : "AveragePool");
  const std::string pooled = e.emit(type, {name}, attributes);
  if (as_stored) return e.define(y, pooled);
  e.define_real(y, pooled, op.mode == PoolMode::max ? QuantRule::onnx : op.rule);
}

void export_pool(Exporter& e, const Node& node) { write_pool(e, node, *node.as<Pool2d>()); }

// The same window everywhere, as MegEngine's adaptive pooling has it, is a plain pooling.
void export_adaptive_pool(Exporter& e, const Node& node) {
  const Shape& x = e.type(node.inputs[0]).shape;
  const Shape& y = e.type(node.outputs[0]).shape;
  Pool2d op;
  op.mode = node.as<AdaptivePool2d>()->mode;
  for (std::size_t i = 0; i < 2; ++i) {
    op.window.stride[i] = x[2 + i] / y[2 + i];
    op.kernel[i] = x[2 + i] - (y[2 + i] - 1) * op.window.stride[i];
  }
  write_pool(e, node, op);
}

constexpr ExportRow kRows[] = {
    {Pool2d::kKind, export_pool},
    {AdaptivePool2d::kKind, export_adaptive_pool},
};

}  // namespace

std::span<const ExportRow> pool_exports() { return kRows; }

}  // namespace octet::onnx
