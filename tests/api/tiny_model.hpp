// A model without a file: y = maximum of each 2x2 window of x {N,2,4,4}, z = y as integers.
#pragma once

#include "api/model_impl.hpp"
#include "ops/convert.hpp"
#include "ops/pool.hpp"

namespace octet {

inline ModelFile tiny_file() {
  ModelFile file;
  Graph& graph = file.graph;
  const ValueId x = graph.add_input("x", {DType::f32, {1, 2, 4, 4}, kNCHW, std::nullopt});
  Pool2d pool;
  pool.kernel = {2, 2};
  pool.window.stride = {2, 2};
  const ValueId y = graph.add(make_op<Pool2d>(pool), {x}, "pool");
  graph.add_output(y, "y");
  Cast cast;
  cast.dtype = DType::s32;
  graph.add_output(graph.add(make_op<Cast>(cast), {y}, "integers"), "z");
  file.format = "test";
  return file;
}

inline Model tiny_model() {
  return Model(std::make_shared<const Model::Impl>(tiny_file(), "tiny"));
}

// Images whose pixels count up from `first`.
inline Tensor counting_images(std::int64_t batch, float first = 0.0f) {
  Tensor tensor({DType::f32, {batch, 2, 4, 4}, kNCHW, std::nullopt});
  for (float& pixel : tensor.mutable_values<float>()) pixel = first++;
  return tensor;
}

}  // namespace octet
