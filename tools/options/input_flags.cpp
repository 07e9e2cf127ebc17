#include "options/input_flags.hpp"

#include "base/format.hpp"
#include "formats/tensors/input_spec.hpp"

namespace octet::tools {
namespace {

const OptionGroup<InputFlags>& input_group() {
  static const OptionGroup<InputFlags> group{
      "Input",
      {
          {"--input", "SPEC", &InputFlags::input,
           "[NAME:]VALUE[;...]; VALUE is a file (.npy .ppm .pgm .png .jpg .json), numbers such as "
           "[[1,2],[3,4]], a shape such as {8,3,224,224}, or rand(lowest,highest,seed); may be "
           "repeated"},
          {"--batch-size", "N", &InputFlags::batch_size, "repeat or cut the input to N images"},
          {"--channel-order", "ORDER", &InputFlags::channel_order,
           "of pictures: rgb (default, as in the file) or bgr"},
          {"--allow-external-data", "", &InputFlags::allow_external_data,
           "let an .onnx file read tensors stored beneath its folder"},
      }};
  return group;
}

[[noreturn]] void ask_for_input(const Model& model) {
  std::vector<std::string> types;
  for (const TensorInfo& input : model.inputs())
    types.push_back(concat('"', input.name, "\" ", input.type.to_string()));
  throw Error(StatusCode::invalid_argument,
              concat("the model needs values for its inputs ", join(types)), {},
              concat("give them with --input FILE, or random ones with --input '",
                     random_input_spec(model), "'"));
}

}  // namespace

void add_input_flags(CLI::App& app, InputFlags& flags) {
  app.add_option("MODEL", flags.model, "a .mge or .onnx file")->required();
  add_group(app, flags, input_group());
}

void check(const InputFlags& flags) {
  if (flags.batch_size && *flags.batch_size < 1)
    throw Error(StatusCode::invalid_argument,
                concat("--batch-size must be at least 1, not ", *flags.batch_size));
  if (flags.channel_order != "rgb" && flags.channel_order != "bgr")
    throw Error(StatusCode::invalid_argument,
                concat("--channel-order is rgb or bgr, not \"", flags.channel_order, "\""));
}

Model load_model(const InputFlags& flags) {
  LoadOptions options;
  options.allow_external_data = flags.allow_external_data;
  return Model::load(flags.model, options).value();
}

NamedTensors read_model_inputs(const Model& model, const InputFlags& flags, bool any_extents,
                               const std::string& fallback) {
  if (model.inputs().empty() && flags.input.empty()) return {};
  std::vector<std::string> specs = flags.input;
  if (specs.empty() && !fallback.empty()) specs.push_back(fallback);
  if (specs.empty()) ask_for_input(model);

  std::vector<ModelInput> inputs;
  for (const TensorInfo& input : model.inputs()) inputs.push_back({input.name, input.type});
  InputOptions options;
  options.swap_channels = flags.channel_order == "bgr";
  options.batch_size = flags.batch_size.value_or(0);
  options.allow_other_extents = any_extents;
  NamedTensors tensors;
  for (auto& [name, tensor] : read_inputs(specs, inputs, options))
    tensors.push_back({name, std::move(tensor)});
  return tensors;
}

std::string random_input_spec(const Model& model) {
  std::vector<std::string> parts;
  for (const TensorInfo& input : model.inputs()) {
    const bool is_boolean = input.type.dtype == DType::boolean;
    const IntegerRange range = is_boolean ? IntegerRange{0, 1} : integer_range(input.type.dtype);
    const bool narrow =
        is_boolean || (is_integer(input.type.dtype) && size_of(input.type.dtype) <= 2);
    parts.push_back(narrow ? concat(input.name, ":rand(", range.lowest, ",", range.highest, ",0)")
                           : concat(input.name, ":rand(-1,1,0)"));
  }
  return join(parts, ";");
}

}  // namespace octet::tools
