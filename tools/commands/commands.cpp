#include "commands/commands.hpp"

#include "run/run_command.hpp"

namespace octet::tools {

std::span<const Command> commands() {
  static const std::vector<Command> table{
      {"run", "run a model and say how long that takes; the same as load_and_run", run_command},
      {"verify", "run a model on two backends and compare every value", verify_command},
      {"info", "show what is in a model file", info_command},
      {"explain", "show which kernel runs each operator and why others do not", explain_command},
      {"roofline", "show each operator's time against what the device could do at best",
       roofline_command},
      {"passes", "show what each optimisation pass does to a model", passes_command},
      {"partition", "show which sub-graphs an engine such as TensorRT would get, and why no more",
       partition_command},
      {"convert", "write a model in another format", convert_command},
      {"export-operators", "write each operator as an ONNX model with the values it read and wrote",
       export_operators_command},
      {"make-model", "write a well-known network with made-up weights", make_model_command},
      {"cache", "look after a file of measured kernel times", cache_command},
      {"version", "show the version and what this build can run on", version_command},
  };
  return table;
}

}  // namespace octet::tools
