// Operators that give values without reading any: inputs and constants.
#include "base/limits.hpp"
#include "formats/mge/lower.hpp"
#include "formats/mge/types.hpp"

namespace octet::mge {
namespace {

const RawTensor& only_tensor(const Context& context) {
  if (context.op.tensors.size() != 1)
    invalid(concat("the operator holds ", context.op.tensors.size(), " tensors instead of one"));
  return context.op.tensors.front();
}

std::vector<ValueId> lower_input(Context& context) {
  const RawTensor& tensor = only_tensor(context);
  if (tensor.name.empty()) invalid("an input has no name");
  context.state.name_bytes.spend(tensor.name.size());
  std::string name(tensor.name);
  if (context.graph().find_input(name) != kNoValue)
    invalid(concat("two inputs are called \"", name, "\""));
  return {context.graph().add_input(std::move(name), type_of(tensor))};
}

ValueId add_constant(Context& context, const RawTensor& tensor) {
  if (tensor.value.empty() && type_of(tensor).shape.elements() != 0)
    invalid("a constant has no value in the file");
  context.state.name_bytes.spend(tensor.name.size());
  return context.graph().add_constant(
      value_of(tensor, context.state.file, context.state.copied_bytes), std::string(tensor.name));
}

// V1 stores a tensor's format as a blob: an unsigned that is 0 for the default format, 1 for OpenCL
// images, 2 for less than 8 bits per element.
void check_format_blob(std::span<const std::byte> blob) {
  if (!blob.empty() && std::to_integer<int>(blob.front()) == 1)
    unsupported("a constant is stored in an image format of OpenCL");
}

std::vector<ValueId> lower_constant(Context& context) {
  for (const auto blob : context.op.blobs) check_format_blob(blob);
  return {add_constant(context, only_tensor(context))};
}

std::vector<ValueId> lower_constants(Context& context) {
  // In V1 the first blob repeats the number of tensors; the others, if any, are their formats.
  for (std::size_t i = 1; i < context.op.blobs.size(); ++i) check_format_blob(context.op.blobs[i]);
  std::vector<ValueId> values;
  for (const RawTensor& tensor : context.op.tensors)
    values.push_back(add_constant(context, tensor));
  return values;
}

constexpr OperatorRow kRows[] = {
    {"Host2DeviceCopy", lower_input},
    {"ImmutableTensor", lower_constant},
    {"SharedDeviceTensor", lower_constant},
    {"SharedDeviceTensorWithFormat", lower_constant},
    {"VolatileSharedDeviceTensor", lower_constant},
    {"MultipleDeviceTensorHolder", lower_constants},
    {"MultipleDeviceTensorWithFormatHolder", lower_constants},
};

}  // namespace

std::span<const OperatorRow> source_operators() { return kRows; }

}  // namespace octet::mge
