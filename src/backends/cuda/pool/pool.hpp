// Pooling in any layout.
#pragma once

#include <cuda_runtime.h>

#include "backends/cuda/common/epilogue_params.hpp"
#include "backends/cuda/common/strides.hpp"

namespace octet::cuda {

struct PoolParams {
  enum Method : int { kMax, kIntegerAverage, kFloatAverage };
  int method;
  bool include_padding;
  bool requantises;            // the output has another scale than the input
  bool is_float, is_unsigned;  // f32, or s8 / u8
  int n, c, h, w, oh, ow;
  int kernel_h, kernel_w, stride_h, stride_w, pad_top, pad_left, pad_bottom, pad_right;
  int dilation_h, dilation_w;
  int zero_point;
  float scale;                // of the input, where an average of integers is real or requantised
  QuantiserParams quantiser;  // of the output, likewise
  Strides x, y;
};

// Maxima of bytes in NHWC whose channels are a multiple of 16.
void launch_max_pool_nhwc(const PoolParams& params, const void* x, void* y, cudaStream_t stream);

// How vectors of a pixel's channels (in CHWN4: of four images) lie in memory, alike in x and y.
struct PoolVectors {
  int bytes;           // 16 or 4
  int per_pixel;       // vectors that make all channels of a pixel
  int inside;          // of them, that lie side by side
  int repeat;          // vectors that a thread makes, p.x.c apart: 1, or 4 where `inside` is 1
  bool images_inside;  // CHWN4: neighbouring threads are images
  int images;          // vectors that make all images, where a vector holds four; else n
};

// Bytes in any layout with four channels side by side.
void launch_vector_pool(const PoolParams& params, const PoolVectors& vectors, const void* x,
                        void* y, cudaStream_t stream);
// Averages of whole maps, without padding, where 16 channels lie side by side: c is a multiple
// of 16.
void launch_whole_average(const PoolParams& params, const void* x, void* y, cudaStream_t stream);
void launch_pool(const PoolParams& params, const void* x, void* y, cudaStream_t stream);

}  // namespace octet::cuda
