// Rows for dense and grouped convolutions.
#include "backends/cpu/conv_common.hpp"
#include "backends/cpu/dot_conv.hpp"
#include "backends/cpu/rows.hpp"
#include "backends/cpu/vector_rows.hpp"

namespace octet::cpu {
namespace {

std::unique_ptr<Executable> prepare(const Problem& problem, const VectorKernels& kernels,
                                    int threads) {
  const auto& op = *problem.as<Conv2d>();
  const TensorType& x = problem.inputs[0];
  DotProduct product;
  product.shape = shape_of(op, x.shape, problem.inputs[1].shape, problem.outputs[0].shape);
  product.input = PaddedInput::make(product.shape, x);
  product.weights =
      DotWeights::pack(view_of(*problem.constants[1], op.flip_filter), product.shape, kernels);
  product.epilogue = conv_epilogue(problem, product.weights.sums, byte_shift(x));
  product.element_bytes = static_cast<std::int64_t>(size_of(problem.outputs[0].dtype));
  return make_dot_conv(std::move(product), kernels, threads);
}

}  // namespace

std::vector<Kernel> conv_dot_rows() {
  return vector_rows<check_conv, prepare>("conv2d_q8_nhwc_dot");
}

}  // namespace octet::cpu
