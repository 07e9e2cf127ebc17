// The rows of the Tensor-Core convolutions in NHWC, offered to products by a constant.
#include <algorithm>
#include <array>
#include <utility>

#include "backends/cuda/conv/mma/implicit_gemm.hpp"
#include "backends/cuda/conv/wgmma/tiles.hpp"
#include "backends/cuda/kernel_lists.hpp"
#include "backends/cuda/product/linear.hpp"

namespace octet::cuda {
namespace {

// A convolution on rows that are copied into the workspace with their padding first.
class PaddedLinear final : public Executable {
 public:
  PaddedLinear(std::unique_ptr<Executable> padding, std::unique_ptr<Executable> conv,
               std::size_t padded_bytes)
      : padding_(std::move(padding)),
        conv_(std::move(conv)),
        padded_bytes_((padded_bytes + kAlignment - 1) / kAlignment * kAlignment) {}

  void run(const RunArgs& args) const override {
    const std::array<std::byte*, 1> padded{args.workspace};
    std::byte* rest = args.workspace + padded_bytes_;
    padding_->run({args.inputs.first(1), padded, rest, args.context});
    std::vector<const std::byte*> inputs(args.inputs.begin(), args.inputs.end());
    inputs[0] = args.workspace;
    conv_->run({inputs, args.outputs, rest, args.context});
  }
  std::size_t workspace() const override {
    return padded_bytes_ + std::max(padding_->workspace(), conv_->workspace());
  }
  bool reads_input(std::size_t index) const override {
    return index == 0 || conv_->reads_input(index);
  }

 private:
  static constexpr std::size_t kAlignment = Tensor::kAlignment;

  std::unique_ptr<Executable> padding_, conv_;
  std::size_t padded_bytes_;
};

const Kernel& first_accepting(std::span<const Kernel> rows, const Problem& problem,
                              const Demands& demands) {
  return *std::find_if(rows.begin(), rows.end(),
                       [&](const Kernel& row) { return row.check(problem, demands).ok(); });
}

using Rows = std::span<const Kernel> (*)();

template <Rows kFamily, std::size_t kRow>
Verdict check_row(const Problem& problem, const Demands& demands) {
  if (const Verdict linear = check_linear(problem); !linear) return linear;
  return kFamily()[kRow].check(linear_conv(problem), demands);
}

template <Rows kFamily, std::size_t kRow>
double estimate_row(const Problem& problem) {
  return kFamily()[kRow].estimate(linear_conv(problem));
}

template <Rows kFamily, std::size_t kRow>
std::unique_ptr<Executable> prepare_row(const Problem& problem, const Demands& demands) {
  Problem conv = linear_conv(problem);
  const Tensor filter = linear_filter(problem);
  conv.constants[1] = &filter;
  std::unique_ptr<Executable> executable = kFamily()[kRow].prepare(conv, demands);
  const auto padding = linear_padding(problem);
  if (!padding) return executable;
  const Kernel& copy = first_accepting(relayout_rows(), *padding, demands);
  return std::make_unique<PaddedLinear>(copy.prepare(*padding, demands), std::move(executable),
                                        conv.inputs[0].bytes());
}

template <Rows kFamily, std::size_t... kRow>
void append_rows(std::vector<Kernel>& list, std::index_sequence<kRow...>) {
  (list.push_back({"matmul_as_" + kFamily()[kRow].name, check_row<kFamily, kRow>,
                   prepare_row<kFamily, kRow>, estimate_row<kFamily, kRow>}),
   ...);
}

std::vector<Kernel> make_rows() {
  std::vector<Kernel> list;
  append_rows<conv2d_wgmma_rows>(list, std::make_index_sequence<kWgmmaTiles.size()>{});
  // The tiles in NHWC come first.
  append_rows<conv2d_mma_rows>(list, std::make_index_sequence<kGemmTiles>{});
  return list;
}

}  // namespace

std::span<const Kernel> linear_rows() {
  static const std::vector<Kernel> rows = make_rows();
  return rows;
}

}  // namespace octet::cuda
