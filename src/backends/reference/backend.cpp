#include "backends/reference/backend.hpp"

#include "backends/reference/compute_kernel.hpp"
#include "backends/reference/layout_kernel.hpp"
#include "kernels/host_backend.hpp"

namespace octet {
namespace {

class ReferenceBackend final : public HostBackend {
 public:
  ReferenceBackend() : kernels_{reference::compute_kernel(), reference::layout_kernel()} {}

  std::string_view name() const noexcept override { return "reference"; }
  std::span<const Kernel> kernels(std::string_view) const override { return kernels_; }
  std::unique_ptr<ExecutionContext> make_context(const Demands&) const override {
    return std::make_unique<reference::ViewContext>();
  }

 private:
  std::vector<Kernel> kernels_;
};

}  // namespace

std::unique_ptr<Backend> make_reference_backend() { return std::make_unique<ReferenceBackend>(); }

}  // namespace octet
