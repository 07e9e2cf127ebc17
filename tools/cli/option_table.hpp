// Options as data: one row each, in groups that --help shows together.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/format.hpp"

namespace octet::tools {

// Refuses a number that an unsigned option would make a huge one of, or that makes no sense.
inline CLI::Validator above_or_zero() {
  return CLI::Validator(
      [](const std::string& text) {
        return text.starts_with('-') ? std::string("must not be negative") : std::string();
      },
      "");
}
inline CLI::Validator above_zero() {
  return CLI::Validator(
      [](const std::string& text) {
        const bool is_above = std::strtod(text.c_str(), nullptr) > 0.0;
        return is_above ? std::string() : concat("must be above 0, not ", text);
      },
      "");
}

// `Options` is the struct that the values go to. The type of the member says what is accepted: a
// bool is a flag, a vector takes its option any number of times.
template <typename Options>
struct OptionRow {
  using Target =
      std::variant<bool Options::*, int Options::*, std::size_t Options::*, double Options::*,
                   std::string Options::*, std::vector<std::string> Options::*,
                   std::optional<int> Options::*, std::optional<double> Options::*,
                   std::optional<std::string> Options::*>;

  std::string name;   // "--iter"
  std::string value;  // what --help calls the value; empty for a flag, "[X]": it may be left out
  Target target;
  std::string help;
};

template <typename Options>
struct OptionGroup {
  std::string title;
  std::vector<OptionRow<Options>> rows;
};

template <typename Options, typename Derived>
void add_group(CLI::App& app, Derived& options, const OptionGroup<Options>& group) {
  Options& target = options;
  for (const OptionRow<Options>& row : group.rows) {
    CLI::Option* option = std::visit(
        [&](auto member) {
          using Member = std::remove_reference_t<decltype(target.*member)>;
          if constexpr (std::is_same_v<Member, bool>)
            return app.add_flag(row.name, target.*member, row.help);
          else if constexpr (std::is_same_v<Member, std::size_t>)
            return app.add_option(row.name, target.*member, row.help)->check(above_or_zero());
          else return app.add_option(row.name, target.*member, row.help);
        },
        row.target);
    option->group(group.title);
    if (!row.value.empty()) option->type_name(row.value)->allow_extra_args(false);
    if (row.value.starts_with('[')) option->expected(0, 1);
  }
}

}  // namespace octet::tools
