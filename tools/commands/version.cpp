#include <octet/version.hpp>

#include <cstdio>
#include <octet/partition.hpp>
#include <octet/session.hpp>

#include "base/format.hpp"
#include "cli/program.hpp"
#include "commands/commands.hpp"

namespace octet::tools {

void version_command(const std::string& program, const std::vector<std::string>& arguments) {
  CLI::App app("Shows the version and what this build can run on.", program);
  if (!parse(app, arguments)) return;
  std::string text = concat("octet ", version(), "\nbuilt with ", compiler(), "\n");
  for (const BackendInfo& backend : backends())
    text += concat("backend ", backend.name,
                   backend.description.empty() ? "" : ": " + backend.description,
                   backend.unavailable.empty() ? "" : ", not here: " + backend.unavailable, "\n");
  for (const SubgraphEngineInfo& engine : subgraph_engines())
    text += concat("sub-graph engine ", engine.name,
                   engine.description.empty() ? "" : ": " + engine.description,
                   engine.unavailable.empty() ? "" : ", not here: " + engine.unavailable, "\n");
  std::printf("%s", text.c_str());
}

}  // namespace octet::tools
