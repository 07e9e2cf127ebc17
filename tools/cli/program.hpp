// What every program and sub-command shares: parsing with good messages, and the way out.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <octet/status.hpp>
#include <string>
#include <vector>

namespace octet::tools {

// Parses `arguments` (without the program's name) into what the app was bound to. Throws
// Error(invalid_argument) with the nearest match for a misspelt option. Returns false when only
// help was asked for, and has printed it to stdout then.
bool parse(CLI::App& app, std::vector<std::string> arguments);

// Runs `work` and gives the exit code of its outcome: 0, or that of the Error it threw, which is
// printed to stderr as one sentence.
int exit_code_of(const std::string& program, const std::function<void()>& work);

// A sentence on stderr, with the program's name before it.
void note(const std::string& sentence);

// The name that stands before every sentence on stderr.
void set_program_name(std::string name);

// Library warnings go to stderr as notes; with `verbose` everything the library says.
void listen_to_library(bool verbose);

}  // namespace octet::tools
