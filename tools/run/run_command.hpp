// load_and_run, which is also `octet run`.
#pragma once

#include <string>
#include <vector>

namespace octet::tools {

// `program` is what the user called: it stands in the usage and before messages. Throws Error.
void run_command(const std::string& program, const std::vector<std::string>& arguments);

}  // namespace octet::tools
