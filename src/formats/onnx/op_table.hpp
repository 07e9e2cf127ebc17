// Which operators are read, and by which function. Adding one is a function and a row.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "formats/onnx/onnx_node.hpp"

namespace octet::onnx {

inline constexpr int kFirstOpset = 7;
inline constexpr int kLastOpset = 21;
inline constexpr std::string_view kMicrosoft = "com.microsoft";

// How the inputs reach the lowering function.
enum class Operands : std::uint8_t {
  as_is,         // for operators that only move elements, and for quantisation itself
  plain,         // quantised values become plain integers
  f32,           // plain, and other floats are computed in f32
  quantised_f32  // quantised values stay, other floats are computed in f32
};

// Gives the values of the node's outputs, in order; kNoValue for one that cannot be had. Results in
// f32 return to the type of the first input where that was another float.
using Lower = std::vector<ValueId> (*)(OnnxNode&);

struct OpRow {
  std::string_view op_type;
  int since, until;  // opsets of the operator's domain
  Operands operands;
  Lower lower;
  std::string_view domain = "";
};

// Throws Error(unsupported) with the operator's name and opset when there is no row.
const OpRow& find_operator(std::string_view domain, std::string_view op_type, std::int64_t opset);

// The rows of each family; each is defined beside its functions.
std::span<const OpRow> cast_operators();
std::span<const OpRow> control_operators();
std::span<const OpRow> conv_operators();
std::span<const OpRow> binary_operators();
std::span<const OpRow> unary_operators();
std::span<const OpRow> gather_operators();
std::span<const OpRow> generate_operators();
std::span<const OpRow> integer_operators();
std::span<const OpRow> matmul_operators();
std::span<const OpRow> move_operators();
std::span<const OpRow> norm_operators();
std::span<const OpRow> pool_operators();
std::span<const OpRow> qlinear_map_operators();
std::span<const OpRow> qlinear_product_operators();
std::span<const OpRow> quantize_operators();
std::span<const OpRow> reduce_operators();
std::span<const OpRow> resize_operators();
std::span<const OpRow> select_operators();
std::span<const OpRow> shape_operators();

}  // namespace octet::onnx
