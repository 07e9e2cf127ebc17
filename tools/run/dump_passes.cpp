#include "run/dump_passes.hpp"

#include <array>
#include <atomic>
#include <cstdio>
#include <memory>

#include "cli/files.hpp"

namespace octet::tools {

std::function<void(std::string_view, const std::string&)> pass_dumper(const std::string& folder) {
  make_folder(folder);
  return [folder, count = std::make_shared<std::atomic<int>>(0)](std::string_view pass,
                                                                 const std::string& graph) {
    std::array<char, 16> number{};
    std::snprintf(number.data(), number.size(), "%02d", ++*count);
    write_text_file(folder + "/" + number.data() + "_" + std::string(pass) + ".txt", graph);
  };
}

}  // namespace octet::tools
