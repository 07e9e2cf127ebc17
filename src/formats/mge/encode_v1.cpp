// V1 with versioned ids (MGBC): header, values of all tensors, size-prefixed FlatBuffer.
#include <graph_v1_generated.h>

#include <algorithm>
#include <cstring>
#include <limits>

#include "base/format.hpp"
#include "formats/mge/encode_parts.hpp"
#include "formats/mge/operator_id.hpp"

namespace octet::mge {
namespace {

namespace v1 = fbs::v1;
using flatbuffers::Offset;

class Encoder {
 public:
  std::vector<std::byte> encode(const FileGraph& graph) {
    std::vector<Offset<v1::Operator>> operators;
    std::string types;
    for (const FileOperator& op : graph.operators) {
      operators.push_back(encode(op, graph));
      types += op.type;
    }
    const std::string_view values(reinterpret_cast<const char*>(values_.data()), values_.size());
    const std::uint64_t hash = hash_of(concat(types, hash_of(values)));
    std::vector<v1::OutputVar> outputs;
    for (const Var var : graph.outputs) outputs.emplace_back(var, var);
    const auto metadata =
        v1::CreateMetadata(builder_, true, false, builder_.CreateString(kNoUserInfo), 0);
    builder_.FinishSizePrefixed(
        v1::CreateGraph(builder_, kWrittenVersion, hash, 0, builder_.CreateVector(operators),
                        builder_.CreateVectorOfStructs(outputs), metadata),
        v1::GraphIdentifier());
    return file();
  }

 private:
  std::vector<std::byte> file() const {
    constexpr std::size_t kHeader = 16;  // magic, 8 feature bytes, 4 reserved bytes
    const std::uint64_t value_bytes = values_.size();
    const auto graph = std::as_bytes(std::span(builder_.GetBufferPointer(), builder_.GetSize()));
    constexpr std::size_t kValues = kHeader + sizeof value_bytes;
    std::vector<std::byte> out(kValues + values_.size() + graph.size());
    std::memcpy(out.data(), "MGBC", 4);
    std::memcpy(out.data() + kHeader, &value_bytes, sizeof value_bytes);
    const auto end = std::copy(values_.begin(), values_.end(), out.begin() + kValues);
    std::copy(graph.begin(), graph.end(), end);
    return out;
  }

  Offset<v1::Tensor> encode(const FileTensor& tensor) {
    std::uint32_t size = 0;
    if (!tensor.value.empty()) {
      const std::vector<std::byte> bytes = file_bytes(tensor.value);
      if (bytes.size() > std::numeric_limits<std::uint32_t>::max())
        throw Error(StatusCode::resource_exhausted, "a constant has 4 GiB or more");
      values_.insert(values_.end(), bytes.begin(), bytes.end());
      size = static_cast<std::uint32_t>(bytes.size());
    }
    const fbs::DTypeT dtype = file_dtype(tensor.type.dtype, tensor.type.quant);
    const auto name = builder_.CreateString(tensor.name);
    const auto shape = builder_.CreateVector(file_shape(tensor.type.shape));
    const auto node = v1::CreateCompNode(builder_, builder_.CreateString(kDevice));
    return v1::CreateTensor(builder_, name, shape, node, fbs::CreateDType(builder_, &dtype), size);
  }

  Offset<v1::Operator> encode(const FileOperator& op, const FileGraph& graph) {
    const auto name = builder_.CreateString(op.name);
    const PackedParams params = pack_params(builder_, op.params);
    const auto inputs = builder_.CreateVector(op.inputs);
    std::vector<std::string> names;
    for (const Var var : op.outputs) names.push_back(graph.names[var]);
    const auto output_names = builder_.CreateVectorOfStrings(names);
    Offset<fbs::DType> output_dtype;
    if (op.output) {
      const fbs::DTypeT dtype = file_dtype(*op.output);
      output_dtype = fbs::CreateDType(builder_, &dtype);
    }
    Offset<flatbuffers::Vector<Offset<v1::Tensor>>> tensors;
    if (op.tensor) tensors = builder_.CreateVector(std::vector{encode(*op.tensor)});

    v1::OperatorBuilder out(builder_);
    out.add_type_id(versioned_id(op.type));
    out.add_param_type(params.type);
    out.add_param(params.table);
    out.add_inputs(inputs);
    out.add_output_name(output_names);
    out.add_output_dtype(output_dtype);
    out.add_tensors(tensors);
    out.add_additional_params_type(params.more_types);
    out.add_additional_params(params.more_tables);
    out.add_name(name);
    return out.Finish();
  }

  flatbuffers::FlatBufferBuilder builder_;
  std::vector<std::byte> values_;
};

}  // namespace

std::vector<std::byte> encode_v1(const FileGraph& graph) { return Encoder().encode(graph); }

}  // namespace octet::mge
