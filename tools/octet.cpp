// octet COMMAND [arguments]
#include <algorithm>
#include <cstdio>
#include <octet/status.hpp>

#include "base/format.hpp"
#include "cli/arguments.hpp"
#include "cli/program.hpp"
#include "commands/commands.hpp"

namespace octet::tools {
namespace {

void print_usage() {
  std::printf("usage: octet COMMAND [arguments]\n\n");
  for (const Command& command : commands())
    std::printf("  %-10s %s\n", command.name.c_str(), command.help.c_str());
  std::printf("\noctet COMMAND --help shows what a command takes.\n");
}

const Command& find_command(const std::string& name) {
  const auto all = commands();
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&](const Command& command) { return command.name == name; });
  if (found != all.end()) return *found;
  std::vector<std::string> names;
  for (const Command& command : all) names.push_back(command.name);
  const auto match = nearest(name, names);
  throw Error(StatusCode::invalid_argument, concat("there is no command ", name), {},
              match ? concat("did you mean ", *match, "?") : "the commands are " + join(names));
}

void dispatch(const std::vector<std::string>& arguments) {
  if (arguments.empty())
    throw Error(StatusCode::invalid_argument, "a command is missing", {},
                "octet --help lists the commands");
  std::string name = arguments.front();
  if (name == "--help" || name == "-h" || name == "help") return print_usage();
  if (name == "--version") name = "version";
  const Command& command = find_command(name);
  set_program_name("octet " + command.name);
  command.run("octet " + command.name, {arguments.begin() + 1, arguments.end()});
}

}  // namespace
}  // namespace octet::tools

int main(int argc, char** argv) {
  using namespace octet::tools;
  return exit_code_of("octet", [&] { dispatch({argv + 1, argv + argc}); });
}
