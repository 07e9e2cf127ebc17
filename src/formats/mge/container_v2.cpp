// V2: one size-prefixed FlatBuffer with everything in it, the values of tensors included.
#include <graph_v2_generated.h>

#include <cstring>
#include <map>

#include "formats/mge/container_parts.hpp"

namespace octet::mge {
namespace {

RawTensor read_tensor(const fbs::v2::Tensor& tensor) {
  RawTensor out;
  out.name = text_of(tensor.name());
  out.shape = shape_of(tensor.shape());
  out.dtype = tensor.dtype();
  // LowbitsAligned is how every tensor of less than 8 bits per element is described.
  out.has_default_format = tensor.format_type() != fbs::v2::TensorFormat::Image2DPackedTensorFormat;
  out.value = bytes_of(tensor.data());
  return out;
}

RawOperator read_operator(const fbs::v2::Operator& op) {
  RawOperator out;
  out.type_id = op.type_id();
  out.type = text_of(op.type());
  out.name = text_of(op.name());
  out.params = params_of(op);
  out.inputs = numbers_of(op.inputs());
  out.outputs = numbers_of(op.outputs());
  out.output_dtype = op.output_dtype();
  for (std::size_t i = 0; i < count_of(op.tensors()); ++i)
    out.tensors.push_back(read_tensor(item(op.tensors(), i)));
  return out;
}

// The list of outputs, or, where it is not empty, the list of aliases: they name outputs by their
// original number.
std::vector<RawOutput> read_outputs(const fbs::v2::Model& model) {
  std::vector<RawOutput> outputs;
  std::map<std::uint32_t, std::uint32_t> by_original_id;
  for (std::size_t i = 0; i < count_of(model.output_vars_idx()); ++i) {
    const auto& output = item(model.output_vars_idx(), i);
    outputs.push_back({output.compact_id(), {}});
    by_original_id[output.original_id()] = output.compact_id();
  }
  if (count_of(model.output_alias()) == 0) return outputs;
  outputs.clear();
  for (std::size_t i = 0; i < count_of(model.output_alias()); ++i) {
    const auto& alias = item(model.output_alias(), i);
    const auto found = by_original_id.find(alias.id());
    if (found == by_original_id.end())
      throw Error(StatusCode::invalid_model,
                  concat("the alias \"", text_of(alias.name()), "\" names no output"));
    outputs.push_back({found->second, text_of(alias.name())});
  }
  return outputs;
}

}  // namespace

RawGraph read_graph_v2(Source& source) {
  const std::size_t start = source.offset;
  std::uint32_t size = 0;
  std::memcpy(&size, source.take(4, "the size of the model").data(), 4);
  source.take(size, "the model");

  RawGraph out;
  const auto& model = verified_root<fbs::v2::Model>(
      source.bytes.subspan(start, source.offset - start), "mgv2", source.storage, out);
  out.version = model.mge_version();
  if (model.model_version() > 2)
    throw Error(StatusCode::unsupported,
                concat("the model has format version ", model.model_version(),
                       "; versions 1 and 2 are read"));
  if (model.metadata() != nullptr) {
    out.has_metadata = true;
    out.optimize_options = model.metadata()->optimize_options();
  }
  check_counts(model.oprs(), [](const fbs::v2::Operator& op) { return count_of(op.outputs()); });
  for (std::size_t i = 0; i < count_of(model.oprs()); ++i)
    out.operators.push_back(read_operator(item(model.oprs(), i)));
  if (count_of(model.middle_tensors()) > limits::kValues)
    throw Error(StatusCode::resource_exhausted,
                concat("the model lists ", model.middle_tensors()->size(), " values; the limit is ",
                       limits::kValues));
  for (std::size_t i = 0; i < count_of(model.middle_tensors()); ++i)
    out.value_names.push_back(text_of(item(model.middle_tensors(), i).name()));
  out.outputs = read_outputs(model);
  return out;
}

}  // namespace octet::mge
