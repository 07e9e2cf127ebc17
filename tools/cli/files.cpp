#include "cli/files.hpp"

#include <unistd.h>

#include <cerrno>
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

void require_writable(const std::string& path) {
  if (path == "-") return;
  const auto require = [&](bool holds, int reason) {
    if (!holds)
      throw Error(StatusCode::io_error,
                  concat("the file cannot be written: ", system_message(reason)), path);
  };
  std::error_code error;
  const std::filesystem::file_status status = std::filesystem::status(path, error);
  require(status.type() != std::filesystem::file_type::directory, EISDIR);
  const bool is_special =
      std::filesystem::exists(status) && !std::filesystem::is_regular_file(status);
  const std::string folder = std::filesystem::path(path).parent_path().string();
  const char* target = is_special ? path.c_str() : folder.empty() ? "." : folder.c_str();
  require(::access(target, W_OK) == 0, errno);
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
