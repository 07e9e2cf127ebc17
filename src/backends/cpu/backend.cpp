#include "backends/cpu/backend.hpp"

#include <map>

#include "backends/cpu/isa.hpp"
#include "backends/cpu/rows.hpp"
#include "kernels/host_backend.hpp"
#include "ops/conv.hpp"
#include "ops/convert.hpp"
#include "ops/elementwise.hpp"
#include "ops/matmul.hpp"
#include "ops/move.hpp"
#include "ops/pool.hpp"

namespace octet {
namespace {

class CpuBackend final : public HostBackend {
 public:
  CpuBackend() {
    add(Conv2d::kKind, cpu::conv_depthwise_rows());
    add(Conv2d::kKind, cpu::conv_dot_rows());
    add(MatMul::kKind, cpu::matmul_dot_rows());
    for (const std::string_view kind : {Concat::kKind, Split::kKind, Slice::kKind, Gather::kKind})
      add(kind, cpu::move_rows(kind));
    add(Pool2d::kKind, cpu::pool_rows(Pool2d::kKind));
    add(AdaptivePool2d::kKind, cpu::pool_rows(AdaptivePool2d::kKind));
    add(Elementwise::kKind, cpu::elementwise_rows());
    add(Convert::kKind, cpu::convert_rows());
    add(Relayout::kKind, cpu::relayout_rows());
  }

  std::string_view name() const noexcept override { return "cpu"; }
  Verdict available() const override {
    return cpu::has(cpu::Isa::avx2) ? Verdict::accept() : Verdict::refuse("this CPU has no AVX2");
  }
  std::span<const Kernel> kernels(std::string_view op_kind) const override {
    const auto found = rows_.find(op_kind);
    return found == rows_.end() ? std::span<const Kernel>{} : found->second;
  }

 private:
  void add(std::string_view kind, std::vector<Kernel> rows) {
    std::vector<Kernel>& list = rows_[kind];
    for (Kernel& row : rows) list.push_back(std::move(row));
  }

  std::map<std::string_view, std::vector<Kernel>> rows_;
};

}  // namespace

std::unique_ptr<Backend> make_cpu_backend() { return std::make_unique<CpuBackend>(); }

}  // namespace octet
