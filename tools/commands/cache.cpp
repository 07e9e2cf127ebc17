#include <cmath>
#include <cstdio>
#include <octet/tuning_cache.hpp>
#include <set>

#include "base/format.hpp"
#include "cli/program.hpp"
#include "commands/commands.hpp"
#include "report/text_table.hpp"

namespace octet::tools {
namespace {

std::string device_of(const TunedProblem& problem) {
  std::string text = problem.device;
  if (!problem.capability.empty()) text += ", compute capability " + problem.capability;
  if (!problem.driver.empty()) text += ", driver " + problem.driver;
  return text + ", " + problem.library;
}

std::string milliseconds(double ms) { return std::isinf(ms) ? "-" : fixed(ms, 4) + " ms"; }

void list(const std::string& path) {
  const std::vector<TunedProblem> problems = read_tuning_cache(path).value();
  std::string device;
  for (const TunedProblem& problem : problems) {
    if (device_of(problem) != device) {
      device = device_of(problem);
      std::printf("%s\n", device.c_str());
    }
    std::printf("  %s\n", problem.problem.c_str());
    for (const TunedKernel& kernel : problem.kernels)
      std::printf("    %12s  %s\n", milliseconds(kernel.milliseconds).c_str(), kernel.name.c_str());
  }
}

void check(const std::string& path) {
  const auto problems = read_tuning_cache(path).value();
  std::set<std::string> devices;
  for (const TunedProblem& problem : problems) devices.insert(device_of(problem));
  std::printf("%s is sound: %zu problems on %zu devices\n", path.c_str(), problems.size(),
              devices.size());
}

void clear(const std::string& path) {
  const std::size_t count = read_tuning_cache(path).value().size();
  if (Status status = clear_tuning_cache(path); !status.ok()) throw Error(status);
  std::printf("%s: %zu problems forgotten\n", path.c_str(), count);
}

}  // namespace

void cache_command(const std::string& program, const std::vector<std::string>& arguments) {
  std::string path;
  CLI::App app("Looks after the file that --fast-run-algo-policy writes.", program);
  app.require_subcommand(1);
  struct Action {
    const char* name;
    const char* help;
    void (*run)(const std::string& path);
  };
  constexpr Action kActions[] = {{"list", "show what is known, the fastest kernels first", list},
                                 {"check", "say whether the file is sound", check},
                                 {"clear", "forget everything in it", clear}};
  for (const Action& action : kActions)
    app.add_subcommand(action.name, action.help)
        ->add_option("FILE", path, "a file of --fast-run-algo-policy")
        ->required();
  if (!parse(app, arguments)) return;
  for (const Action& action : kActions)
    if (app.got_subcommand(action.name)) action.run(path);
}

}  // namespace octet::tools
