#include "backends/cuda/kernel_lists.hpp"

#include <map>
#include <string>
#include <vector>

namespace octet::cuda {
namespace {

using Rows = std::span<const Kernel> (*)();

struct Entry {
  std::string_view kind;
  std::vector<Rows> families;  // in the order in which they are asked
};

const std::vector<Entry>& entries() {
  static const std::vector<Entry> table{
      {"conv2d", {conv2d_wgmma_rows, conv2d_mma_rows, conv2d_direct_rows}},
      {"relayout", {relayout_rows}},
  };
  return table;
}

}  // namespace

std::span<const Kernel> kernel_list(std::string_view op_kind) {
  static const auto lists = [] {
    std::map<std::string, std::vector<Kernel>, std::less<>> made;
    for (const Entry& entry : entries())
      for (const Rows rows : entry.families)
        for (const Kernel& kernel : rows()) made[std::string(entry.kind)].push_back(kernel);
    return made;
  }();
  const auto found = lists.find(op_kind);
  return found == lists.end() ? std::span<const Kernel>{} : std::span<const Kernel>(found->second);
}

}  // namespace octet::cuda
