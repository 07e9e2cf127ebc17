// Which model, and with which values its inputs are fed.
#pragma once

#include <octet/model.hpp>

#include "cli/option_table.hpp"

namespace octet::tools {

struct InputFlags {
  std::string model;
  std::vector<std::string> input;
  std::optional<int> batch_size;
  std::string channel_order = "rgb";
  bool allow_external_data = false;
};

// The model as the argument of a command, and the options of its inputs.
void add_input_flags(CLI::App& app, InputFlags& flags);

// Throws Error(invalid_argument) where a value is out of range.
void check(const InputFlags& flags);

Model load_model(const InputFlags& flags);

// The values that --input names, brought into the form of the model's inputs. `any_extents`: their
// shapes may differ from the model's in more than the batch. Without --input: what `fallback` (an
// --input text) stands for; if that is empty too, throws Error(invalid_argument) that says what is
// needed. Throws Error.
NamedTensors read_model_inputs(const Model& model, const InputFlags& flags, bool any_extents,
                               const std::string& fallback = {});

// An --input text with random values for every input of the model.
std::string random_input_spec(const Model& model);

}  // namespace octet::tools
