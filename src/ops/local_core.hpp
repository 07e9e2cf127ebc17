// Convolutions whose filter depends on the output position: GroupLocal and LocalShare.
#pragma once

#include "ops/product_output.hpp"

namespace octet {

struct LocalShape {
  std::int64_t n = 0, c = 0, h = 0, w = 0;                       // input
  std::int64_t groups = 0, region_rows = 0, region_columns = 0;  // filters
  std::int64_t group_inputs = 0, r = 0, s = 0, group_outputs = 0;
  std::int64_t oh = 0, ow = 0;

  Shape output() const { return {n, groups * group_outputs, oh, ow}; }

  // x {N,C,H,W}; filter {G,region rows,region columns,C/G,R,S,K/G}, whose regions divide the output
  // positions. Throws Error(invalid_model) with what does not fit.
  static LocalShape make(const Shape& x, const Shape& filter, const Window2d& window);
};

struct LocalTask {
  LocalShape shape;
  Window2d window;
  bool flip_filter = false;
  ConstView x, w;
  ProductOutput output;
};

void run(const LocalTask& task);

}  // namespace octet
