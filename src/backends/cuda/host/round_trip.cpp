// The last row of every list: the operator's reference computation on the host, with copies there
// and back, as nodes of the stream (so that it can be recorded). It takes what the operator's
// kernels refuse, so that a model never leaves the GPU backend.
#include <cstring>
#include <octet/status.hpp>

#include "backends/cuda/common/default_layout.hpp"
#include "backends/cuda/kernel_lists.hpp"
#include "backends/cuda/runtime/check.hpp"
#include "backends/cuda/runtime/context.hpp"

namespace octet::cuda {
namespace {

// The operands of one run, alive until the run has passed on the stream.
struct Staging {
  OpPtr op;
  std::vector<std::shared_ptr<std::byte>> memory;
  std::vector<TensorType> types;
  std::vector<ConstView> inputs;
  std::vector<View> outputs;
};

// Nobody can be told of an error in the middle of a run; the outputs are then zeros.
void CUDART_CB compute_on_host(void* data) {
  const auto& staging = *static_cast<Staging*>(data);
  try {
    staging.op->compute(staging.inputs, staging.outputs);
  } catch (const Error&) {
    for (const View& output : staging.outputs) std::memset(output.data, 0, output.type->bytes());
  }
}

class RoundTrip final : public Executable {
 public:
  explicit RoundTrip(const Problem& problem) : problem_(problem) {
    for (const Tensor* constant : problem.constants)
      constants_.push_back(constant == nullptr ? Tensor() : *constant);
  }

  void run(const RunArgs& args) const override {
    const cudaStream_t stream = stream_of(args);
    Staging& staging = staging_of(*args.context);
    for (std::size_t i = 0; i < problem_.inputs.size(); ++i)
      if (problem_.has_input(i) && constants_[i].empty())
        OCTET_CUDA_CHECK(cudaMemcpyAsync(const_cast<std::byte*>(staging.inputs[i].data),
                                         args.inputs[i], problem_.inputs[i].bytes(),
                                         cudaMemcpyDeviceToHost, stream));
    OCTET_CUDA_CHECK(cudaLaunchHostFunc(stream, compute_on_host, &staging));
    for (std::size_t i = 0; i < problem_.outputs.size(); ++i)
      OCTET_CUDA_CHECK(cudaMemcpyAsync(args.outputs[i], staging.outputs[i].data,
                                       problem_.outputs[i].bytes(), cudaMemcpyHostToDevice,
                                       stream));
  }
  bool reads_input(std::size_t index) const override { return constants_[index].empty(); }

 private:
  // One staging area per context: contexts run one at a time, and a recording keeps its addresses.
  Staging& staging_of(const ExecutionContext& context) const {
    const auto& own = static_cast<const StreamContext&>(context);
    return own.attachment<Staging>(number_, [this] { return make_staging(); });
  }

  std::shared_ptr<Staging> make_staging() const {
    auto staging = std::make_shared<Staging>();
    staging->op = problem_.op;
    for (std::size_t i = 0; i < problem_.inputs.size(); ++i) {
      if (!problem_.has_input(i)) {
        staging->inputs.emplace_back();
      } else if (!constants_[i].empty()) {
        staging->inputs.emplace_back(constants_[i]);
      } else {
        staging->memory.push_back(allocate_pinned(problem_.inputs[i].bytes()));
        staging->inputs.emplace_back(problem_.inputs[i], staging->memory.back().get());
      }
    }
    for (const TensorType& type : problem_.outputs) {
      staging->memory.push_back(allocate_pinned(type.bytes()));
      staging->outputs.emplace_back(type, staging->memory.back().get());
    }
    return staging;
  }

  Problem problem_;
  std::vector<Tensor> constants_;
  std::uint64_t number_ = unique_number();
};

std::unique_ptr<Executable> prepare_round_trip(const Problem& problem, const Demands&) {
  return std::make_unique<RoundTrip>(problem);
}

}  // namespace

std::span<const Kernel> round_trip_rows() {
  static const Kernel rows[] = {
      {"host_round_trip", check_default_layout, prepare_round_trip, nullptr, true}};
  return rows;
}

}  // namespace octet::cuda
