// V1: header, then the values of all tensors back to back without alignment, then a FlatBuffer that
// describes the graph. An operator's tensors take their bytes in the order in which they are
// listed.
#include <graph_v1_generated.h>

#include <cstring>

#include "formats/mge/container_parts.hpp"

namespace octet::mge {
namespace {

RawTensor read_tensor(const fbs::v1::Tensor& tensor, Source& values) {
  RawTensor out;
  out.name = text_of(tensor.name());
  out.shape = shape_of(tensor.shape());
  out.dtype = tensor.dtype();
  if (tensor.data_size() != 0) {
    values.take(tensor.offset(), "the padding before a tensor's value");
    out.value = values.take(tensor.data_size(), "a tensor's value");
  }
  return out;
}

RawOperator read_operator(const fbs::v1::Operator& op, Source& values) {
  RawOperator out;
  out.type_id = op.type_id();
  out.name = text_of(op.name());
  out.params = params_of(op);
  out.inputs = numbers_of(op.inputs());
  for (std::size_t i = 0; i < count_of(op.output_name()); ++i)
    out.output_names.push_back(text_of(&item(op.output_name(), i)));
  out.output_dtype = op.output_dtype();
  for (std::size_t i = 0; i < count_of(op.tensors()); ++i)
    out.tensors.push_back(read_tensor(item(op.tensors(), i), values));
  for (std::size_t i = 0; i < count_of(op.blobs()); ++i)
    out.blobs.push_back(bytes_of(item(op.blobs(), i).data()));
  return out;
}

std::uint32_t read_u32(std::span<const std::byte> bytes) {
  std::uint32_t value;
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

}  // namespace

RawGraph read_graph_v1(Source& source, Container container) {
  // MGBC: magic, 8 feature bytes, 4 reserved bytes. MGBS: magic, 4 reserved bytes.
  const auto header = source.take(container == Container::mgbc ? 16 : 8, "the header");
  if (container == Container::mgbc && (read_u32(header.subspan(4)) | read_u32(header.subspan(8))))
    throw Error(StatusCode::unsupported, "the file asks for features that this reader lacks",
                "feature bits of the MGBC header");
  std::uint64_t value_bytes = 0;
  std::memcpy(&value_bytes, source.take(sizeof value_bytes, "the header").data(),
              sizeof value_bytes);
  Source values{source.storage, source.take(value_bytes, "the values of its tensors")};

  const std::size_t start = source.offset;
  const std::uint32_t size = read_u32(source.take(4, "the size of the graph"));
  source.take(size, "the graph");

  RawGraph out;
  out.container = container;
  const auto& graph = verified_root<fbs::v1::Graph>(
      source.bytes.subspan(start, source.offset - start), "mgb1", source.storage, out);
  out.version = graph.mgb_version();
  if (graph.metadata() != nullptr) {
    out.has_metadata = true;
    out.optimize_options = graph.metadata()->optimize_options();
  }
  check_counts(graph.oprs(), [](const fbs::v1::Operator& op) {
    return count_of(op.output_name()) + count_of(op.blobs());
  });
  for (std::size_t i = 0; i < count_of(graph.oprs()); ++i)
    out.operators.push_back(read_operator(item(graph.oprs(), i), values));
  for (std::size_t i = 0; i < count_of(graph.output_vars_idx()); ++i) {
    const auto* output = graph.output_vars_idx()->Get(static_cast<flatbuffers::uoffset_t>(i));
    out.outputs.push_back({output->compact_id(), {}});
  }
  return out;
}

}  // namespace octet::mge
