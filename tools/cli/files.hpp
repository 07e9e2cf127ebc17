// Files that the tools write.
#pragma once

#include <string>

namespace octet::tools {

// Creates the folder and those above it. Throws Error(io_error).
void make_folder(const std::string& path);
// Tells now what write_text_file would find out after the work: a folder that is not there, a
// folder in the way, missing rights. Throws Error(io_error).
void require_writable(const std::string& path);
// "-" stands for stdout. Throws Error(io_error).
void write_text_file(const std::string& path, const std::string& text);

}  // namespace octet::tools
