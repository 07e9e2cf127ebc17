// What can be said of the lists without a GPU.
#include "backends/cuda/kernel_lists.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "ops/conv.hpp"
#include "ops/convert.hpp"
#include "ops/elementwise.hpp"
#include "ops/image.hpp"
#include "ops/matmul.hpp"
#include "ops/move.hpp"
#include "ops/norm.hpp"
#include "ops/pool.hpp"
#include "ops/reduce.hpp"
#include "ops/shape.hpp"
#include "ops/subgraph.hpp"

namespace octet::cuda {
namespace {

constexpr std::string_view kKinds[] = {Conv2d::kKind,
                                       ConvTranspose2d::kKind,
                                       BatchConv2d::kKind,
                                       GroupLocal::kKind,
                                       LocalShare::kKind,
                                       Convert::kKind,
                                       Cast::kKind,
                                       SetQuant::kKind,
                                       Relayout::kKind,
                                       QuantizeByInput::kKind,
                                       DynamicQuantize::kKind,
                                       Elementwise::kKind,
                                       Resize::kKind,
                                       WarpPerspective::kKind,
                                       MatMul::kKind,
                                       Transpose::kKind,
                                       Concat::kKind,
                                       Split::kKind,
                                       Slice::kKind,
                                       Subtensor::kKind,
                                       SetSubtensor::kKind,
                                       VectorIndex::kKind,
                                       Gather::kKind,
                                       GatherElements::kKind,
                                       GatherND::kKind,
                                       Pad::kKind,
                                       Tile::kKind,
                                       OneHot::kKind,
                                       ScatterElements::kKind,
                                       ScatterND::kKind,
                                       BatchNorm::kKind,
                                       LayerNorm::kKind,
                                       InstanceNorm::kKind,
                                       LocalResponseNorm::kKind,
                                       Pool2d::kKind,
                                       AdaptivePool2d::kKind,
                                       Reduce::kKind,
                                       ArgReduce::kKind,
                                       TopK::kKind,
                                       Softmax::kKind,
                                       CumSum::kKind,
                                       Reshape::kKind,
                                       Squeeze::kKind,
                                       Unsqueeze::kKind,
                                       Flatten::kKind,
                                       Expand::kKind,
                                       ShapeOf::kKind,
                                       ConstantOfShape::kKind,
                                       Range::kKind,
                                       Identity::kKind,
                                       Subgraph::kKind};

TEST(CudaKernelLists, EveryOperatorHasAKernelBeforeTheHost) {
  for (const std::string_view kind : kKinds) {
    const auto rows = kernel_list(kind);
    ASSERT_GE(rows.size(), 2u) << kind;
    EXPECT_FALSE(rows.front().naive) << kind;
    EXPECT_TRUE(rows.back().naive) << kind;
  }
}

TEST(CudaKernelLists, NoNameStandsTwiceInAList) {
  for (const std::string_view kind : kKinds) {
    std::set<std::string> names;
    for (const Kernel& row : kernel_list(kind)) EXPECT_TRUE(names.insert(row.name).second);
  }
}

}  // namespace
}  // namespace octet::cuda
