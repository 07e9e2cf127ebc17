#include "backends/cpu/cpu_backend.hpp"

#include <map>

#include "backends/cpu/rows.hpp"
#include "ops/conv.hpp"

namespace octet {
namespace {

using Rows = std::map<std::string_view, std::vector<Kernel>>;

void add(Rows& rows, std::string_view kind, std::vector<Kernel> more) {
  std::vector<Kernel>& list = rows[kind];
  for (Kernel& kernel : more) list.push_back(std::move(kernel));
}

Rows make_rows() {
  Rows rows;
  add(rows, Conv2d::kKind, cpu::conv_depthwise_rows());
  add(rows, Conv2d::kKind, cpu::conv_dot_rows());
  return rows;
}

}  // namespace

std::span<const Kernel> CpuBackend::kernels(std::string_view op_kind) const {
  static const Rows rows = make_rows();
  const auto found = rows.find(op_kind);
  return found == rows.end() ? std::span<const Kernel>{} : found->second;
}

}  // namespace octet
