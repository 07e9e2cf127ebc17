#include "formats/tensors/input_spec.hpp"

#include <algorithm>
#include <octet/status.hpp>
#include <optional>
#include <string_view>
#include <vector>

#include "base/file.hpp"
#include "base/format.hpp"
#include "formats/tensors/element_count.hpp"
#include "formats/tensors/fill.hpp"
#include "formats/tensors/inline_numbers.hpp"
#include "formats/tensors/json_tensors.hpp"
#include "formats/tensors/npy.hpp"

namespace octet {
namespace {

constexpr const char* kOption = "--input";
constexpr std::string_view kDefaultName = "data";

// A value and the name it was given; a tensor of a .json file is there already.
struct Item {
  std::string name;
  std::string value;
  std::optional<Tensor> tensor;
};

[[noreturn]] void fail(const std::string& what, std::string hint = {}) {
  throw Error(StatusCode::invalid_argument, what, kOption, std::move(hint));
}

bool ends_with_any(std::string_view path, std::initializer_list<std::string_view> endings) {
  std::string lower(path);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return std::any_of(endings.begin(), endings.end(),
                     [&](std::string_view ending) { return lower.ends_with(ending); });
}

std::vector<std::string_view> split_parts(std::span<const std::string> specs) {
  std::vector<std::string_view> parts;
  for (const std::string& spec : specs) {
    std::string_view rest = spec;
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find(';'), rest.size());
      if (end > 0) parts.push_back(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
  return parts;
}

Item split_name(std::string_view part, std::span<const ModelInput> inputs) {
  std::size_t name_end = part.find(':');
  for (const ModelInput& input : inputs) {
    const std::size_t length = input.name.size();
    const bool starts = part.starts_with(input.name) && part.substr(length).starts_with(':');
    if (starts && length > name_end) name_end = length;
  }
  if (name_end == std::string_view::npos) return {std::string(kDefaultName), std::string(part), {}};
  return {std::string(part.substr(0, name_end)), std::string(part.substr(name_end + 1)), {}};
}

std::vector<Item> list_items(std::span<const std::string> specs,
                             std::span<const ModelInput> inputs) {
  std::vector<Item> items;
  for (const std::string_view part : split_parts(specs)) {
    Item item = split_name(part, inputs);
    if (item.value.empty()) fail(concat("no value follows the name in '", part, "'"));
    if (!ends_with_any(item.value, {".json"})) {
      items.push_back(std::move(item));
      continue;
    }
    for (auto& [name, tensor] : read_json_tensors(read_file(item.value), item.value))
      items.push_back({name, item.value, std::move(tensor)});
  }
  return items;
}

std::string names_of(std::span<const ModelInput> inputs) {
  std::vector<std::string_view> names;
  for (const ModelInput& input : inputs) names.push_back(input.name);
  return join(names);
}

const ModelInput& find_input(const Item& item, std::size_t item_count,
                             std::span<const ModelInput> inputs) {
  for (const ModelInput& input : inputs)
    if (input.name == item.name) return input;
  // "data" is also what a value without a name is called.
  if (item.name == kDefaultName && item_count == 1 && inputs.size() == 1) return inputs[0];
  if (inputs.empty()) fail("the model has no inputs");
  fail(concat("the model has no input '", item.name, "'; its inputs are: ", names_of(inputs)),
       "write --input NAME:VALUE with one of these names");
}

Tensor read_value(const Item& item, const ModelInput& input, const InputOptions& options) {
  const std::string& value = item.value;
  if (item.tensor) return fit_numbers(*item.tensor, input, options, value);
  if (ends_with_any(value, {".npy"}))
    return fit_numbers(read_npy_file(value), input, options, value);
  if (ends_with_any(value, {".ppm", ".pgm", ".png", ".jpg", ".jpeg"}))
    return fit_picture(read_picture_file(value), input, options, value);
  if (value.starts_with('{'))
    return fill_bytes(fit_shape(parse_shape(value, kOption), input, options, kOption));
  if (value.starts_with("rand(")) {
    TensorType type = input.type;
    // Fresh images are better than repeated ones.
    if (options.batch_size > 0 && type.shape.rank() > 0) type.shape[0] = options.batch_size;
    static_cast<void>(element_count(type.shape, kOption));  // throws where it is too large
    return fill_random(type, parse_random_range(value, kOption), kOption);
  }
  return fit_numbers(read_inline_numbers(value, kOption), input, options, kOption);
}

}  // namespace

std::map<std::string, Tensor> read_inputs(std::span<const std::string> specs,
                                          std::span<const ModelInput> inputs,
                                          const InputOptions& options) {
  const std::vector<Item> items = list_items(specs, inputs);
  std::map<std::string, Tensor> tensors;
  for (const Item& item : items) {
    const ModelInput& input = find_input(item, items.size(), inputs);
    if (tensors.contains(input.name)) fail(concat("input '", input.name, "' is given twice"));
    Tensor tensor = read_value(item, input, options);
    tensors.emplace(input.name, repeat_batch(tensor, options.batch_size, input, item.value));
  }
  std::vector<std::string_view> missing;
  for (const ModelInput& input : inputs)
    if (!tensors.contains(input.name)) missing.push_back(input.name);
  if (!missing.empty())
    fail(concat("no value is given for ", missing.size() == 1 ? "input " : "the inputs ",
                join(missing)),
         "write --input NAME:VALUE for each, or several separated by ';'");
  return tensors;
}

}  // namespace octet
