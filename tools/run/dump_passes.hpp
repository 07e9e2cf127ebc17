// Writes the graph after each pass into files.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace octet::tools {

// Creates the folder DIR if it is missing. The returned function writes DIR/NN_<pass>.txt, counting
// from 01. Throws Error(io_error).
std::function<void(std::string_view pass, const std::string& graph)> pass_dumper(
    const std::string& folder);

}  // namespace octet::tools
