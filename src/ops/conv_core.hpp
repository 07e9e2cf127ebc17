// The loops that Conv2d and BatchConv2d share.
#pragma once

#include "ops/product_output.hpp"

namespace octet {

// Extents of a convolution, checked against each other.
struct ConvShape {
  std::int64_t n = 0, c = 0, h = 0, w = 0;  // input
  std::int64_t k = 0, r = 0, s = 0;         // output channels and filter
  std::int64_t groups = 1;
  std::int64_t oh = 0, ow = 0;

  Shape output() const { return {n, k, oh, ow}; }
  std::int64_t group_inputs() const noexcept { return c / groups; }
  std::int64_t group_outputs() const noexcept { return k / groups; }
  std::int64_t taps() const noexcept { return group_inputs() * r * s; }  // of one output

  // x {N,C,H,W}; filter {K,C/G,R,S}. Throws Error(invalid_model) with what does not fit.
  static ConvShape make(const Shape& x, const Shape& filter, std::int64_t groups,
                        const Window2d& window);
};

struct ConvTask {
  ConvShape shape;
  Window2d window;
  bool flip_filter = false;
  bool filter_per_image = false;
  ConstView x, w;
  ProductOutput output;
};

// Runs an integer task whose operands are in place; `op` tells the epilogue.
void run_integers(const Conv2d& op, ConvTask task);

void run(const ConvTask& task);

}  // namespace octet
