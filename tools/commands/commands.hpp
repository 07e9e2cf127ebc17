// The sub-commands of octet.
#pragma once

#include <span>
#include <string>
#include <vector>

namespace octet::tools {

struct Command {
  std::string name;
  std::string help;  // one line
  // Gets "octet NAME" and the arguments behind it. Throws Error.
  void (*run)(const std::string& program, const std::vector<std::string>& arguments);
};

// In the order in which --help lists them.
std::span<const Command> commands();

void info_command(const std::string& program, const std::vector<std::string>& arguments);
void explain_command(const std::string& program, const std::vector<std::string>& arguments);
void roofline_command(const std::string& program, const std::vector<std::string>& arguments);
void passes_command(const std::string& program, const std::vector<std::string>& arguments);
void partition_command(const std::string& program, const std::vector<std::string>& arguments);
void verify_command(const std::string& program, const std::vector<std::string>& arguments);
void convert_command(const std::string& program, const std::vector<std::string>& arguments);
void export_operators_command(const std::string& program,
                              const std::vector<std::string>& arguments);
void make_model_command(const std::string& program, const std::vector<std::string>& arguments);
void cache_command(const std::string& program, const std::vector<std::string>& arguments);
void version_command(const std::string& program, const std::vector<std::string>& arguments);

}  // namespace octet::tools
