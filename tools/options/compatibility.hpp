// Options of MegEngine's load_and_run that Octet does not need or does not have.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>

namespace octet::tools {

// Accepts them all in one group, hidden behind --help-compatibility.
class CompatibilityOptions {
 public:
  explicit CompatibilityOptions(CLI::App& app);
  ~CompatibilityOptions();

  // Says for each option that was given and needs nothing why that is so. Throws Error(unsupported
  // or unavailable) for one that asks for what Octet cannot do.
  void report() const;

 private:
  struct Given;
  std::unique_ptr<Given> given_;
};

}  // namespace octet::tools
