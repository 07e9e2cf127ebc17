#include "backends/cuda/move/copy.hpp"

#include "backends/cuda/runtime/check.hpp"
#include "backends/cuda/runtime/context.hpp"

namespace octet::cuda {
namespace {

class Copy final : public Executable {
 public:
  explicit Copy(std::size_t bytes) : bytes_(bytes) {}

  void run(const RunArgs& args) const override {
    if (args.inputs[0] == args.outputs[0]) return;
    OCTET_CUDA_CHECK(cudaMemcpyAsync(args.outputs[0], args.inputs[0], bytes_,
                                     cudaMemcpyDeviceToDevice, stream_of(args)));
  }
  bool reads_input(std::size_t index) const override { return index == 0; }
  bool may_overwrite(std::size_t index) const override { return index == 0; }

 private:
  std::size_t bytes_;
};

}  // namespace

std::unique_ptr<Executable> make_copy(std::size_t bytes) { return std::make_unique<Copy>(bytes); }

}  // namespace octet::cuda
