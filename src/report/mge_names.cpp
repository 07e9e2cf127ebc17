#include "report/mge_names.hpp"

#include <array>
#include <octet/status.hpp>
#include <utility>

#include "base/format.hpp"

namespace octet {
namespace {

struct DTypeRow {
  DType dtype;
  bool quantised;
  MgeDType row;
};

constexpr std::array<DTypeRow, 16> kDTypes{{
    {DType::f32, false, {0, "Float32"}},
    {DType::u8, false, {1, "Uint8"}},
    {DType::s8, false, {2, "Int8"}},
    {DType::s16, false, {3, "Int16"}},
    {DType::s32, false, {4, "Int32"}},
    {DType::s4, false, {7, "IntB4"}},
    {DType::f16, false, {9, "Float16"}},
    {DType::u4, false, {10, "UintB4"}},
    {DType::bf16, false, {11, "BFloat16"}},
    {DType::boolean, false, {12, "Bool"}},
    {DType::u16, false, {13, "Uint16"}},
    {DType::u8, true, {100000, "Quantized8Asymm"}},
    {DType::s32, true, {100001, "QuantizedS32"}},
    {DType::s8, true, {100002, "QuantizedS8"}},
    {DType::u4, true, {100003, "Quantized4Asymm"}},
    {DType::s4, true, {100004, "QuantizedS4"}},
}};

constexpr std::array<std::pair<std::string_view, std::string_view>, 16> kOperators{{
    {"conv2d", "ConvBiasForward"},
    {"conv_transpose2d", "ConvolutionBackwardData"},
    {"batch_conv2d", "BatchConvBiasForward"},
    {"group_local", "GroupLocalForward"},
    {"matmul", "MatrixMul"},
    {"pool2d", "PoolingForward"},
    {"adaptive_pool2d", "AdaptivePoolingForward"},
    {"convert", "TypeCvt"},
    {"relayout", "RelayoutFormat"},
    {"reduce", "Reduce"},
    {"reshape", "Reshape"},
    {"transpose", "Dimshuffle"},
    {"expand", "Broadcast"},
    {"concat", "Concat"},
    {"shape_of", "GetVarShape"},
    {"subtensor", "Subtensor"},
}};

}  // namespace

MgeDType mge_dtype(const TensorType& type) {
  for (const DTypeRow& row : kDTypes)
    if (row.dtype == type.dtype && row.quantised == type.is_quantised()) return row.row;
  throw Error(StatusCode::unsupported, concat("MegEngine has no type for ", type.to_string(),
                                              ", so its dumps cannot hold it"));
}

std::string_view mge_operator_type(std::string_view kind) {
  for (const auto& [ours, theirs] : kOperators)
    if (ours == kind) return theirs;
  return kind;
}

std::string mge_layout(const TensorType& type) {
  std::string text;
  std::int64_t stride = 1;
  for (std::size_t i = type.shape.rank(); i-- > 0;) {
    text = concat(type.shape[i], "(", stride, ")", text.empty() ? "" : ",", text);
    stride *= type.shape[i];
  }
  return concat("{", text, " ", mge_dtype(type).name, "}");
}

std::string mge_variable(const MgeVariable& variable) {
  return concat("{id:", variable.id, ", layout:", mge_layout(variable.type), ", ",
                mge_dtype(variable.type).name, ", owner:", variable.owner, "{", variable.owner_type,
                "}, name:", variable.name, ", slot:", variable.slot,
                ", CompNode(\"cpu0:0\" from \"cpu0:0\")}");
}

}  // namespace octet
