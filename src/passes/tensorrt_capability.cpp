#include "passes/tensorrt_capability.hpp"

#include <algorithm>
#include <array>

#include "base/format.hpp"
#include "ops/conv.hpp"
#include "ops/convert.hpp"
#include "ops/elementwise.hpp"
#include "ops/matmul.hpp"
#include "ops/move.hpp"
#include "ops/pool.hpp"
#include "ops/reduce.hpp"
#include "ops/shape.hpp"
#include "tensor/print.hpp"

namespace octet {
namespace {

using Mode = ElementwiseMode;

constexpr std::array kModes{
    Mode::abs,      Mode::acos,        Mode::asin,       Mode::atan,       Mode::ceil,
    Mode::clip,     Mode::cos,         Mode::erf,        Mode::exp,        Mode::floor,
    Mode::h_swish,  Mode::h_sigmoid,   Mode::log,        Mode::negate,     Mode::relu,
    Mode::relu6,    Mode::sigmoid,     Mode::silu,       Mode::sin,        Mode::sinh,
    Mode::softplus, Mode::softsign,    Mode::sqrt,       Mode::square,     Mode::tan,
    Mode::tanh,     Mode::elu,         Mode::leaky_relu, Mode::add,        Mode::sub,
    Mode::mul,      Mode::div,         Mode::min,        Mode::max,        Mode::pow,
    Mode::add_relu, Mode::add_sigmoid, Mode::add_tanh,   Mode::add_h_swish};

bool is_plain_float(const TensorType& type) { return type.dtype == DType::f32 && !type.quant; }

// A value that flows between operators.
Verdict check_value(const TensorType& type) {
  if (!(type.layout == kNCHW)) return Verdict::refuse(concat("a value is ", type));
  if (is_plain_float(type)) return Verdict::accept();
  if (type.dtype != DType::s8 || !type.quant)
    return Verdict::refuse(concat("a value is ", type, "; it takes f32 and quantised s8"));
  if (!type.quant->is_symmetric())
    return Verdict::refuse(concat("a value is ", type, "; it takes no zero points"));
  if (!type.quant->is_per_tensor())
    return Verdict::refuse("a value that flows has a scale for each channel");
  return Verdict::accept();
}

// A filter or the like: known before the run.
Verdict check_factor(const Graph& graph, ValueId id) {
  const TensorType& type = graph.type(id);
  if (graph.known(id) == nullptr) return Verdict::refuse("its filter is computed at run time");
  if (is_plain_float(type)) return Verdict::accept();
  if (type.dtype != DType::s8 || !type.quant || !type.quant->is_symmetric())
    return Verdict::refuse(concat("its filter is ", type, "; it takes s8 without zero points"));
  return Verdict::accept();
}

Verdict check_operator(const Graph& graph, const Node& node) {
  if (node.as<Conv2d>() || node.as<ConvTranspose2d>()) return check_factor(graph, node.inputs[1]);
  if (node.as<MatMul>())
    return graph.type(node.inputs[0]).quant ? check_factor(graph, node.inputs[1])
                                            : Verdict::accept();
  if (const auto* op = node.as<Elementwise>()) {
    if (std::find(kModes.begin(), kModes.end(), op->mode) != kModes.end()) return Verdict::accept();
    return Verdict::refuse(concat("it has no elementwise function ", to_string(op->mode)));
  }
  if (const auto* op = node.as<Softmax>(); op && (op->output || op->log))
    return Verdict::refuse("it has only the plain softmax of floats");
  constexpr std::array kKinds{Pool2d::kKind,  AdaptivePool2d::kKind, Convert::kKind,
                              Concat::kKind,  Reshape::kKind,        Flatten::kKind,
                              Squeeze::kKind, Unsqueeze::kKind,      Transpose::kKind,
                              Softmax::kKind, Reduce::kKind,         Identity::kKind};
  if (std::find(kKinds.begin(), kKinds.end(), node.kind()) != kKinds.end())
    return Verdict::accept();
  return Verdict::refuse(concat("it is not given ", node.kind(), " operators"));
}

}  // namespace

Verdict tensorrt_takes(const Graph& graph, NodeId id) {
  const Node& node = graph.node(id);
  if (const Verdict verdict = check_operator(graph, node); !verdict.ok()) return verdict;
  for (const ValueId input : node.inputs) {
    if (input == kNoValue || graph.known(input) != nullptr) continue;
    if (const Verdict verdict = check_value(graph.type(input)); !verdict.ok()) return verdict;
  }
  for (const ValueId output : node.outputs)
    if (const Verdict verdict = check_value(graph.type(output)); !verdict.ok()) return verdict;
  return Verdict::accept();
}

}  // namespace octet
