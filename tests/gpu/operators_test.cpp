// Random problems on the generic kernels of the CUDA backend: every operator of the IR has one.
#include <gtest/gtest.h>

#include "backends/cuda/backend.hpp"
#include "support/random_indexing.hpp"
#include "support/random_numbers.hpp"
#include "support/random_ops.hpp"

namespace octet::testing {
namespace {

const Backend& backend() {
  static const std::unique_ptr<Backend> cuda = make_cuda_backend();
  return *cuda;
}

// Problems of an operator. What is not `exact` goes through a function of a mathematical library or
// a sum in another order, and may differ as docs/numerics.md says.
struct Draw {
  const char* name;
  std::string_view kind;
  Case (*draw)(Random&);
  bool exact = true;
};

constexpr Draw kDraws[] = {
    {"elementwise", "elementwise", random_elementwise},
    {"transcendental", "elementwise", random_transcendental, false},
    {"cast", "cast", random_cast},
    {"convert", "convert", random_convert_any},
    {"quantize_by_input", "quantize_by_input", random_quantize_by_input},
    {"dynamic_quantize", "dynamic_quantize", random_dynamic_quantize},
    {"chain", "subgraph", random_chain},
    {"reduce", "reduce", random_reduce},
    {"log_reduce", "reduce", random_log_reduce, false},
    {"arg_reduce", "arg_reduce", random_arg_reduce},
    {"topk", "topk", random_topk},
    {"cumsum", "cumsum", random_cumsum},
    {"softmax", "softmax", random_softmax, false},
    {"batch_norm", "batch_norm", random_batch_norm},
    {"instance_norm", "instance_norm", random_instance_norm},
    {"layer_norm", "layer_norm", random_layer_norm},
    {"lrn", "lrn", random_local_response_norm, false},
    {"resize", "resize", random_resize},
    {"warp_perspective", "warp_perspective", random_warp},
    {"gather", "gather", random_gather_computed},
    {"gather_elements", "gather_elements", random_gather_elements},
    {"gather_nd", "gather_nd", random_gather_nd},
    {"vector_index", "vector_index", random_vector_index},
    {"scatter_elements", "scatter_elements", random_scatter_elements},
    {"scatter_nd", "scatter_nd", random_scatter_nd},
    {"one_hot", "one_hot", random_one_hot},
    {"add_to_part", "set_subtensor", random_add_to_part},
    {"constant_of_shape", "constant_of_shape", random_constant_of_shape},
    {"adaptive_pool", "adaptive_pool2d", random_adaptive_pool},
    {"conv_transpose", "conv_transpose2d", random_conv_transpose},
    {"float_conv", "conv2d", random_float_conv},
    {"float_batch_conv", "batch_conv2d", random_float_batch_conv},
    {"float_group_local", "group_local", random_float_group_local},
    {"local_share", "local_share", random_local_share},
    {"float_matmul", "matmul", random_float_matmul, false},
    {"broadcast_matmul", "matmul", random_broadcast_matmul, false},
};

class CudaOperator : public ::testing::TestWithParam<Draw> {};

TEST_P(CudaOperator, GivesTheReferenceBitsWithoutTheHost) {
  const Draw& draw = GetParam();
  int drawn = 0, accepted = 0;
  for_seeds([&](Random& random) {
    const Case c = draw.draw(random);
    ++drawn;
    bool any = false;
    for (const Kernel& row : backend().kernels(draw.kind)) {
      if (row.naive) continue;  // the host
      const Verdict verdict =
          draw.exact ? expect_reference_bits(backend(), row, c, kNCHW, kNCHW)
                     : expect_close_to_reference(backend(), row, c, kNCHW, kNCHW, Demands{});
      any = any || verdict.ok();
    }
    if (any) ++accepted;
  });
  RecordProperty("drawn", drawn);
  // Chains on stored integers with values wider than bytes are left to their operators.
  if (draw.kind == "subgraph") EXPECT_GT(accepted, 0);
  else EXPECT_EQ(accepted, drawn);
}

INSTANTIATE_TEST_SUITE_P(Draws, CudaOperator, ::testing::ValuesIn(kDraws),
                         [](const auto& draw) { return draw.param.name; });

}  // namespace
}  // namespace octet::testing
