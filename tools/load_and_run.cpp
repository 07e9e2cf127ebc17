// load_and_run MODEL [options]: the command that MegEngine's users know.
#include "cli/program.hpp"
#include "run/run_command.hpp"

int main(int argc, char** argv) {
  using namespace octet::tools;
  return exit_code_of("load_and_run", [&] {
    run_command("load_and_run", {argv + 1, argv + argc});
  });
}
