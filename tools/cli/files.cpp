#include "cli/files.hpp"

#include <cstdio>
#include <filesystem>
#include <octet/status.hpp>

#include "base/file.hpp"
#include "base/format.hpp"

namespace octet::tools {

void make_folder(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error)
    throw Error(StatusCode::io_error, concat("cannot create the folder: ", error.message()), path);
}

void write_text_file(const std::string& path, const std::string& text) {
  if (path == "-") {
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fflush(stdout);
    return;
  }
  write_file(path, {reinterpret_cast<const std::byte*>(text.data()), text.size()});
}

}  // namespace octet::tools
