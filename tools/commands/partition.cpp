#include <cstdio>
#include <octet/partition.hpp>

#include "base/file.hpp"
#include "base/format.hpp"
#include "cli/files.hpp"
#include "cli/option_table.hpp"
#include "cli/program.hpp"
#include "commands/commands.hpp"
#include "options/input_flags.hpp"

namespace octet::tools {
namespace {

double percent(std::int64_t part, std::int64_t whole) {
  return whole == 0 ? 0.0 : 100.0 * static_cast<double>(part) / static_cast<double>(whole);
}

void print_values(const char* what, const std::vector<TensorInfo>& values) {
  for (const TensorInfo& value : values)
    std::printf("  %s %s : %s\n", what, value.name.c_str(), value.type.to_string().c_str());
}

void print(const SubgraphInfo& subgraph) {
  std::string operators;
  for (const auto& [kind, count] : subgraph.operators)
    operators += concat(operators.empty() ? "" : ", ", count, " ", kind);
  std::printf("%s (%s): %zu operators: %s\n", subgraph.name.c_str(), subgraph.kind.c_str(),
              subgraph.nodes.size(), operators.c_str());
  print_values("input ", subgraph.inputs);
  print_values("output", subgraph.outputs);
}

void write(const SubgraphInfo& subgraph, const std::string& folder) {
  if (!subgraph.onnx_refusal.empty())
    return note(concat(subgraph.name, " is not written: ", subgraph.onnx_refusal));
  make_folder(folder);
  const std::string path = concat(folder, "/", subgraph.name, ".onnx");
  write_file(path, subgraph.onnx);
  std::printf("wrote %s\n", path.c_str());
}

}  // namespace

void partition_command(const std::string& program, const std::vector<std::string>& arguments) {
  InputFlags model;
  PartitionRequest request;
  std::string folder;
  CLI::App app("Shows which sub-graphs an engine would get and why other operators stay outside.",
               program);
  app.add_option("MODEL", model.model, "a .mge or .onnx file")->required();
  app.add_option("--engine", request.engine, "tensorrt (default) or native; it need not be here")
      ->type_name("NAME");
  app.add_option("--subgraph-min-nodes", request.min_nodes,
                 "the fewest operators that are worth a sub-graph (default 10)")
      ->check(above_or_zero())
      ->type_name("N");
  app.add_option("--onnx", folder, "write each sub-graph to DIR/<name>.onnx")->type_name("DIR");
  app.add_flag("--allow-external-data", model.allow_external_data,
               "let an .onnx file read tensors stored beneath its folder");
  if (!parse(app, arguments)) return;
  listen_to_library(false);

  request.onnx = !folder.empty();
  const PartitionInfo info = partition_model(load_model(model), request).value();
  std::printf(
      "%s takes %zu of %zu operators (%.2f%% of the multiply-accumulates) in %zu "
      "sub-graph%s\n",
      request.engine.c_str(), info.covered, info.operators, percent(info.covered_macs, info.macs),
      info.subgraphs.size(), info.subgraphs.size() == 1 ? "" : "s");
  for (const SubgraphInfo& subgraph : info.subgraphs) print(subgraph);
  for (const OutsideInfo& outside : info.outside)
    std::printf("outside: %s (%s): %s\n", outside.node.c_str(), outside.op.c_str(),
                outside.reason.c_str());
  for (const SubgraphInfo& subgraph : info.subgraphs)
    if (!folder.empty()) write(subgraph, folder);
}

}  // namespace octet::tools
