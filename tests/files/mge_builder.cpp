#include "files/mge_builder.hpp"

namespace octet::test {
namespace {

using Strings = std::vector<flatbuffers::Offset<flatbuffers::String>>;

std::string finished(const Builder& builder) {
  return {reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize()};
}

flatbuffers::Offset<fbs::v2::Tensor> write_tensor(Builder& b, const TestTensor& tensor) {
  using Format = fbs::v2::TensorFormat;
  const auto name = b.CreateString(tensor.name);
  const auto shape = b.CreateVector(tensor.shape);
  const auto dtype = tensor.dtype.write(b);
  const Format kind =
      tensor.image_format ? Format::Image2DPackedTensorFormat : Format::DefaultTensorFormat;
  const auto format = tensor.image_format ? fbs::v2::CreateImage2DPackedTensorFormat(b, 1).Union()
                                          : fbs::v2::CreateDefaultTensorFormat(b).Union();
  return fbs::v2::CreateTensor(b, name, shape, 0, dtype, kind, format, b.CreateVector(tensor.data));
}

flatbuffers::Offset<fbs::v2::Operator> write_operator(Builder& b, const TestOperator& op) {
  std::vector<flatbuffers::Offset<fbs::v2::Tensor>> tensors;
  for (const TestTensor& tensor : op.tensors) tensors.push_back(write_tensor(b, tensor));
  const auto type = b.CreateString(op.type);
  const auto param = op.param ? op.param(b) : flatbuffers::Offset<void>();
  const auto inputs = b.CreateVector(op.inputs), outputs = b.CreateVector(op.outputs);
  const auto list = b.CreateVector(tensors);
  const auto dtype =
      op.output_dtype ? op.output_dtype->write(b) : flatbuffers::Offset<fbs::DType>();
  return fbs::v2::CreateOperator(b, type, op.id, 0, op.param_type, param, 0, 0, inputs, outputs, 0,
                                 dtype, list, 1);
}

}  // namespace

std::string write_v2(const TestModel& model) {
  Builder b;
  std::vector<flatbuffers::Offset<fbs::v2::Operator>> operators;
  for (const TestOperator& op : model.operators) operators.push_back(write_operator(b, op));
  std::vector<flatbuffers::Offset<fbs::v2::MiddleTensor>> names;
  for (const std::string& name : model.names)
    names.push_back(fbs::v2::CreateMiddleTensor(b, b.CreateString(name)));
  std::vector<flatbuffers::Offset<fbs::v2::OutputVar>> outputs;
  for (const std::uint32_t output : model.outputs)
    outputs.push_back(fbs::v2::CreateOutputVar(b, output, 100 + output));
  std::vector<flatbuffers::Offset<fbs::v2::OutputAlias>> aliases;
  for (const auto& [id, name] : model.aliases)
    aliases.push_back(fbs::v2::CreateOutputAlias(b, id, b.CreateString(name)));
  const auto operator_list = b.CreateVector(operators);
  const auto name_list = b.CreateVector(names);
  const auto output_list = b.CreateVector(outputs);
  const auto alias_list = b.CreateVector(aliases);
  b.FinishSizePrefixed(fbs::v2::CreateModel(b, model.version, model.model_version, operator_list,
                                            name_list, output_list, alias_list),
                       "mgv2");
  return finished(b);
}

std::string write_mgbs(const TestModel& model, bool metadata) {
  Builder b;
  std::string values;
  std::vector<flatbuffers::Offset<fbs::v1::Operator>> operators;
  for (const TestOperator& op : model.operators) {
    std::vector<flatbuffers::Offset<fbs::v1::Tensor>> tensors;
    for (const TestTensor& tensor : op.tensors) {
      values.append(tensor.data.begin(), tensor.data.end());
      const auto name = b.CreateString(tensor.name);
      const auto shape = b.CreateVector(tensor.shape);
      const auto dtype = tensor.dtype.write(b);
      tensors.push_back(fbs::v1::CreateTensor(b, name, shape, 0, dtype,
                                              static_cast<std::uint32_t>(tensor.data.size())));
    }
    const auto param = op.param ? op.param(b) : flatbuffers::Offset<void>();
    const auto inputs = b.CreateVector(op.inputs);
    const auto list = b.CreateVector(tensors);
    const auto names = b.CreateVector(Strings{b.CreateString(op.type)});
    const auto dtype =
        op.output_dtype ? op.output_dtype->write(b) : flatbuffers::Offset<fbs::DType>();
    operators.push_back(
        fbs::v1::CreateOperator(b, op.id, op.param_type, param, inputs, 0, names, dtype, list));
  }
  std::vector<fbs::v1::OutputVar> outputs;
  for (const std::uint32_t output : model.outputs) outputs.emplace_back(output, output);
  const auto operator_list = b.CreateVector(operators);
  const auto output_list = b.CreateVectorOfStructs(outputs);
  const auto notes =
      metadata ? fbs::v1::CreateMetadata(b, true) : flatbuffers::Offset<fbs::v1::Metadata>();
  b.FinishSizePrefixed(
      fbs::v1::CreateGraph(b, model.version, 1, 0, operator_list, output_list, notes), "mgb1");

  std::string file("MGBS\0\0\0\0", 8);
  const std::uint64_t offset = values.size();
  file.append(reinterpret_cast<const char*>(&offset), sizeof offset);
  return file + values + finished(b);
}

}  // namespace octet::test
