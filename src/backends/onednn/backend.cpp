#include "backends/onednn/backend.hpp"

#include <map>

#include "backends/onednn/primitives.hpp"
#include "backends/onednn/rows.hpp"
#include "kernels/host_backend.hpp"
#include "ops/conv.hpp"
#include "ops/matmul.hpp"

namespace octet {
namespace {

// OpenMP has the threads; the context only says how many.
class OneDnnContext final : public ExecutionContext {
 public:
  explicit OneDnnContext(int threads) : threads_(threads) {}
  int threads() const noexcept { return threads_; }

 private:
  int threads_;
};

class OneDnnBackend final : public HostBackend {
 public:
  OneDnnBackend() {
    std::vector<Kernel>& convolutions = rows_[Conv2d::kKind];
    for (const auto& rows :
         {onednn::conv_fused_rows(), onednn::conv_sums_rows(), onednn::conv_float_rows()})
      convolutions.insert(convolutions.end(), rows.begin(), rows.end());
    rows_[MatMul::kKind] = onednn::matmul_float_rows();
  }

  std::string_view name() const noexcept override { return "onednn"; }
  std::string description() const override { return onednn::version(); }
  std::span<const Kernel> kernels(std::string_view op_kind) const override {
    const auto found = rows_.find(op_kind);
    return found == rows_.end() ? std::span<const Kernel>{} : found->second;
  }
  std::unique_ptr<ExecutionContext> make_context(const Demands& demands) const override {
    return std::make_unique<OneDnnContext>(demands.threads);
  }

 private:
  std::map<std::string_view, std::vector<Kernel>> rows_;
};

}  // namespace

int onednn::threads_of(ExecutionContext* context) {
  const auto* own = dynamic_cast<const OneDnnContext*>(context);
  return own == nullptr ? 1 : own->threads();
}

std::unique_ptr<Backend> make_onednn_backend() { return std::make_unique<OneDnnBackend>(); }

}  // namespace octet
