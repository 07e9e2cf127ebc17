// Convolutions of bytes on CUDA cores, four products an instruction (dp4a): dense, grouped, with a
// filter per image (BatchConv) or per output position (Local). Any layout with four channels side
// by side.
#pragma once

#include <cuda_runtime.h>

#include "backends/cuda/common/epilogue_params.hpp"
#include "backends/cuda/common/strides.hpp"
#include "backends/cuda/conv/geometry.hpp"

namespace octet::cuda {

inline constexpr int kDp4aPixels = 4;  // that a thread makes, of four output channels each

struct Dp4aParams {
  // Along which axis a thread's pixels lie: where the filter is the same for them.
  enum Along : int { kColumns, kImages };

  ConvGeometry g;
  bool images_first;  // neighbouring threads are images; else quads_inside channels, then columns
  Along along;
  bool vector_images;  // with kImages: four images are 16 aligned bytes of x
  int quads;           // groups of four output channels, padded ones included
  int quads_inside;    // that lie side by side in a pixel
  int words;           // groups of four input channels that a quad reads
  Strides x, y;        // z lies as y
  int pad_word;        // the zero point of x, four times
  bool x_unsigned, z_unsigned, sum_output;
  // The packed filter, in units of one quad x one word (16 bytes): steps per image, output
  // position, tap, word and quad.
  long long image_step, position_step;
  int tap_step, word_step, quad_step;
  // Not 0 where ibias lacks the term of x's zero point, because the filter is not a constant.
  int subtract_zero_point;
  EpilogueParams epilogue;
};

// The first group of four input channels that quad `q` reads: its groups' channels lie in
// [first, first + words) groups of four.
__host__ __device__ constexpr int first_word(const ConvGeometry& g, int words, int q) {
  const int group = q * 4 / (g.k / g.groups);
  const int first = (group < g.groups ? group : g.groups - 1) * (g.c / g.groups) / 4;
  const int most = (g.c + 3) / 4 - words;
  return first < most ? first : most;
}

// From a filter as it lies in memory to the packed one.
struct Dp4aPackParams {
  ConvGeometry g;
  int outer;  // images, positions, or 1
  int words, quads;
  long long outer_step, group_step;  // in the source, elements
  long long k_step, c_step, tap_step;
  long long to_outer_step;  // in the result, as in Dp4aParams
  int to_tap_step, to_word_step, to_quad_step;
  unsigned flip_signs;  // 0x80808080 for u8 filters with zero point 128
};

void launch_dp4a_pack(const Dp4aPackParams& params, const void* filter, void* packed,
                      cudaStream_t stream);
void launch_dp4a_conv(const Dp4aParams& params, const void* x, const void* filter, const void* z,
                      void* y, cudaStream_t stream);

}  // namespace octet::cuda
