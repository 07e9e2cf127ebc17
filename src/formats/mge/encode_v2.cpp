// V2: one size-prefixed FlatBuffer with everything in it.
#include <graph_v2_generated.h>

#include <algorithm>

#include "formats/mge/encode_parts.hpp"
#include "formats/mge/operator_id.hpp"

namespace octet::mge {
namespace {

namespace v2 = fbs::v2;
using flatbuffers::Offset;

// Operators that MegEngine registered anew for V2, under the plain name of their class.
bool has_second_version(std::string_view type) {
  constexpr std::string_view kTypes[] = {
      "Host2DeviceCopy",        "ImmutableTensor",    "Softmax",
      "ConvolutionV2",          "ConvBiasForwardV4",  "ConvolutionBackwardDataV2",
      "BatchConvBiasForwardV1", "LocalShareForwardV1"};
  return std::find(std::begin(kTypes), std::end(kTypes), type) != std::end(kTypes);
}

class Encoder {
 public:
  std::vector<std::byte> encode(const FileGraph& graph) {
    std::uint64_t constants = 0;
    for (const FileOperator& op : graph.operators)
      if (op.tensor && !op.tensor->value.empty()) constants += op.tensor->value.bytes();
    check_buffer_size(constants);

    std::vector<Offset<v2::Operator>> operators;
    for (const FileOperator& op : graph.operators) operators.push_back(encode(op));
    std::vector<Offset<v2::MiddleTensor>> values;
    for (const std::string& name : graph.names)
      values.push_back(v2::CreateMiddleTensor(builder_, builder_.CreateString(name)));
    std::vector<Offset<v2::OutputVar>> outputs;
    for (const Var var : graph.outputs) outputs.push_back(v2::CreateOutputVar(builder_, var, var));
    const auto metadata =
        v2::CreateMetadata(builder_, true, false, 0, builder_.CreateString(kNoUserInfo));
    constexpr std::uint32_t kModelVersion = 2;
    builder_.FinishSizePrefixed(
        v2::CreateModel(builder_, kWrittenVersion, kModelVersion, builder_.CreateVector(operators),
                        builder_.CreateVector(values), builder_.CreateVector(outputs), 0, 0,
                        metadata),
        v2::ModelIdentifier());
    const auto bytes = std::as_bytes(std::span(builder_.GetBufferPointer(), builder_.GetSize()));
    return {bytes.begin(), bytes.end()};
  }

 private:
  Offset<v2::Tensor> encode(const FileTensor& tensor) {
    Offset<flatbuffers::Vector<std::uint8_t>> data;
    if (!tensor.value.empty()) {
      const std::vector<std::byte> bytes = file_bytes(tensor.value);
      data =
          builder_.CreateVector(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
    }
    const fbs::DTypeT dtype = file_dtype(tensor.type.dtype, tensor.type.quant);
    const auto name = builder_.CreateString(tensor.name);
    const auto shape = builder_.CreateVector(file_shape(tensor.type.shape));
    const auto node = v2::CreateCompNode(builder_, builder_.CreateString(kDevice));
    const auto format = v2::CreateDefaultTensorFormat(builder_);
    return v2::CreateTensor(builder_, name, shape, node, fbs::CreateDType(builder_, &dtype),
                            v2::TensorFormat::DefaultTensorFormat, format.Union(), data);
  }

  Offset<v2::Operator> encode(const FileOperator& op) {
    const bool second = has_second_version(op.type);
    const std::string_view type = second ? without_version(op.type) : op.type;
    const auto type_name = builder_.CreateString(type.data(), type.size());
    const auto name = builder_.CreateString(op.name);
    const PackedParams params = pack_params(builder_, op.params);
    const auto inputs = builder_.CreateVector(op.inputs);
    const auto outputs = builder_.CreateVector(op.outputs);
    Offset<fbs::DType> output_dtype;
    if (op.output) {
      const fbs::DTypeT dtype = file_dtype(*op.output);
      output_dtype = fbs::CreateDType(builder_, &dtype);
    }
    Offset<flatbuffers::Vector<Offset<v2::Tensor>>> tensors;
    if (op.tensor) tensors = builder_.CreateVector(std::vector{encode(*op.tensor)});

    v2::OperatorBuilder out(builder_);
    out.add_type(type_name);
    out.add_type_id(second ? versioned_id(type) : unversioned_id(type));
    out.add_name(name);
    out.add_param_type(params.type);
    out.add_param(params.table);
    out.add_additional_params_type(params.more_types);
    out.add_additional_params(params.more_tables);
    out.add_inputs(inputs);
    out.add_outputs(outputs);
    out.add_output_dtype(output_dtype);
    out.add_tensors(tensors);
    out.add_opr_version(second ? 2 : 1);
    return out.Finish();
  }

  flatbuffers::FlatBufferBuilder builder_;
};

}  // namespace

std::vector<std::byte> encode_v2(const FileGraph& graph) { return Encoder().encode(graph); }

}  // namespace octet::mge
