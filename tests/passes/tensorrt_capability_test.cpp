#include "passes/tensorrt_capability.hpp"

#include <gtest/gtest.h>

#include "ops/convert.hpp"
#include "ops/reduce.hpp"
#include "passes/pass_harness.hpp"

namespace octet {
namespace {

using testing::GraphMaker;
using testing::s8;

std::string reason(const Graph& graph, ValueId value) {
  return tensorrt_takes(graph, graph.value(value).producer).reason();
}

TEST(TensorRTCapability, TakesSymmetricNetworks) {
  GraphMaker maker;
  const ValueId x = maker.input(DType::s8, {1, 4, 6, 6}, Quant::per_tensor(0.5f));
  const ValueId a = maker.conv(x, 8, 3);
  const ValueId b = maker.elementwise(ElementwiseMode::add_relu, {a, a}, s8(1.0f));
  Convert to_float;
  to_float.output = {DType::f32, {}};
  const ValueId c = maker.graph.add(make_op<Convert>(to_float), {b});
  const ValueId d = maker.graph.add(make_op<Softmax>(), {c});
  for (const ValueId value : {a, b, c, d}) EXPECT_EQ(reason(maker.graph, value), "");
}

TEST(TensorRTCapability, SaysWhatItDoesNotTake) {
  GraphMaker maker;
  const ValueId shifted = maker.input(DType::u8, {1, 4, 6, 6}, Quant::per_tensor(0.5f, 128));
  EXPECT_EQ(reason(maker.graph, maker.conv(shifted, 8, 3)),
            "a value is u8{1,4,6,6} q(0.5,128); it takes f32 and quantised s8");

  const ValueId x = maker.input(DType::s8, {1, 4, 6, 6}, Quant::per_tensor(0.5f));
  Conv2d with_zero_point;
  with_zero_point.output = {DType::s8, Quant::per_tensor(1.0f, 3)};
  EXPECT_EQ(reason(maker.graph, maker.conv(x, 8, 3, with_zero_point)),
            "a value is s8{1,8,6,6} q(1,3); it takes no zero points");

  const ValueId filter = maker.input(DType::s8, {8, 4, 3, 3}, Quant::per_tensor(0.01f));
  Conv2d op;
  op.output = s8(1.0f);
  EXPECT_EQ(reason(maker.graph, maker.graph.add(make_op<Conv2d>(op), {x, filter})),
            "its filter is computed at run time");

  const ValueId f = maker.input(DType::f32, {1, 4, 6, 6});
  EXPECT_EQ(reason(maker.graph, maker.elementwise(ElementwiseMode::atan2, {f, f})),
            "it has no elementwise function atan2");
  ArgReduce arg;
  EXPECT_EQ(reason(maker.graph, maker.graph.add(make_op<ArgReduce>(arg), {f})),
            "it is not given arg_reduce operators");
  const ValueId wide = maker.input(DType::f64, {1, 4});
  EXPECT_EQ(reason(maker.graph, maker.elementwise(ElementwiseMode::add, {wide, wide})),
            "a value is f64{1,4}; it takes f32 and quantised s8");
}

}  // namespace
}  // namespace octet
