#include "cli/program.hpp"

#include <algorithm>
#include <cstdio>
#include <mutex>
#include <new>
#include <octet/log.hpp>

#include "base/format.hpp"
#include "cli/arguments.hpp"

namespace octet::tools {
namespace {

struct ProgramName {
  std::mutex mutex;
  std::string text = "octet";
};

ProgramName& program_name() {
  static ProgramName name;
  return name;
}

void print(const char* kind, const std::string& sentence) {
  const std::lock_guard lock(program_name().mutex);
  std::fprintf(stderr, "%s: %s%s\n", program_name().text.c_str(), kind, sentence.c_str());
}

std::vector<std::string> option_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options())
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  return names;
}

std::vector<std::string> command_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands({})) names.push_back(command->get_name());
  return names;
}

[[noreturn]] void refuse_extras(const CLI::App& app, const std::vector<std::string>& extras) {
  const auto option = std::find_if(extras.begin(), extras.end(), [](const std::string& extra) {
    return extra.size() > 1 && extra[0] == '-';
  });
  std::string word = option == extras.end() ? extras.front() : *option;
  const bool is_option = option != extras.end();
  word.resize(std::min(word.find('='), word.size()));
  const auto match = nearest(word, is_option ? option_names(app) : command_names(app));
  throw Error(StatusCode::invalid_argument,
              concat(is_option ? "there is no option " : "nothing takes the argument ", word), {},
              match ? concat("did you mean ", *match, "?") : "--help lists what there is");
}

// An option that needs a value and has none would take the next option for it.
void require_values(const CLI::App& app, const std::vector<std::string>& arguments) {
  const auto option_at = [&](std::size_t i) -> const CLI::Option* {
    if (i >= arguments.size() || !arguments[i].starts_with('-')) return nullptr;
    return app.get_option_no_throw(arguments[i].substr(0, arguments[i].find('=')));
  };
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const CLI::Option* option = option_at(i);
    if (option == nullptr || option->get_items_expected_min() == 0) continue;
    const std::size_t equals = arguments[i].find('=');
    const std::string name = arguments[i].substr(0, equals);
    const bool is_inside = equals != std::string::npos;
    const bool is_missing = is_inside ? equals + 1 == arguments[i].size()
                                      : i + 1 == arguments.size() || arguments[i + 1].empty() ||
                                            option_at(i + 1) != nullptr;
    if (is_missing)
      throw Error(StatusCode::invalid_argument, concat("the option ", name, " needs a value"), {},
                  "--help shows how to call it");
    if (!is_inside) ++i;
  }
}

}  // namespace

bool parse(CLI::App& app, std::vector<std::string> arguments) {
  arguments = normalise(std::move(arguments), option_names(app));
  require_values(app, arguments);
  std::reverse(arguments.begin(), arguments.end());  // CLI11 takes them from the back
  app.allow_extras();
  try {
    app.parse(std::move(arguments));
  } catch (const CLI::CallForHelp&) {
    std::fputs(app.help().c_str(), stdout);
    return false;
  } catch (const CLI::RequiredError& error) {
    // A misspelt option may have swallowed what is missing.
    if (const auto extras = app.remaining(); !extras.empty()) refuse_extras(app, extras);
    throw Error(StatusCode::invalid_argument, error.what(), {}, "--help shows how to call it");
  } catch (const CLI::ParseError& error) {
    throw Error(StatusCode::invalid_argument, error.what(), {}, "--help shows how to call it");
  }
  if (const auto extras = app.remaining(); !extras.empty()) refuse_extras(app, extras);
  return true;
}

int exit_code_of(const std::string& program, const std::function<void()>& work) {
  set_program_name(program);
  try {
    work();
    if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0)
      throw Error(StatusCode::io_error, "the standard output could not be written");
    return 0;
  } catch (const Error& error) {
    print("error: ", error.status().to_string());
    return exit_code(error.status().code());
  } catch (const std::bad_alloc&) {
    print("error: ", "the memory of this machine does not suffice");
    return exit_code(StatusCode::resource_exhausted);
  } catch (const std::exception& error) {
    print("internal error: ", std::string(error.what()) + " (please report this as a bug)");
    return exit_code(StatusCode::internal);
  }
}

void note(const std::string& sentence) { print("", sentence); }

void set_program_name(std::string name) {
  const std::lock_guard lock(program_name().mutex);
  program_name().text = std::move(name);
}

void listen_to_library(bool verbose) {
  set_log_callback([verbose](LogLevel level, std::string_view message) {
    if (verbose || level == LogLevel::warning) note(std::string(message));
  });
}

}  // namespace octet::tools
