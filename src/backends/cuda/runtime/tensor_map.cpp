#include "backends/cuda/runtime/tensor_map.hpp"

#include <cuda_runtime.h>

#include <octet/status.hpp>
#include <string>

#include "backends/cuda/runtime/check.hpp"

namespace octet::cuda {
namespace {

// The driver's functions are looked up, not linked: the programs start where there is no driver.
template <typename Function>
Function driver_function(const char* name) {
  void* address = nullptr;
  cudaDriverEntryPointQueryResult found{};
  OCTET_CUDA_CHECK(
      cudaGetDriverEntryPointByVersion(name, &address, 12000, cudaEnableDefault, &found));
  if (found != cudaDriverEntryPointSuccess || address == nullptr)
    throw Error(StatusCode::unavailable, std::string("the GPU driver has no ") + name, "GPU",
                "update the NVIDIA driver");
  return reinterpret_cast<Function>(address);
}

void check_encoded(CUresult result, const char* what) {
  if (result != CUDA_SUCCESS)
    throw Error(StatusCode::internal, std::string("the driver refused a tensor map for ") + what);
}

CUtensorMapSwizzle swizzle_for(std::uint32_t bytes) {
  switch (bytes) {
    case 16: return CU_TENSOR_MAP_SWIZZLE_NONE;
    case 32: return CU_TENSOR_MAP_SWIZZLE_32B;
    case 64: return CU_TENSOR_MAP_SWIZZLE_64B;
    default: return CU_TENSOR_MAP_SWIZZLE_128B;
  }
}

struct Extents {
  cuuint64_t sizes[4];
  cuuint64_t strides[3];

  explicit Extents(const MapShape& s)
      : sizes{s.c, s.w, s.h, s.n}, strides{s.c, s.c * s.w, s.c * s.w * s.h} {}
};

}  // namespace

CUtensorMap encode_im2col(const void* base, const MapShape& shape, std::array<int, 2> lower,
                          std::array<int, 2> upper, std::array<std::uint32_t, 2> stride,
                          std::uint32_t channels, std::uint32_t pixels) {
  static const auto encode =
      driver_function<decltype(&cuTensorMapEncodeIm2col)>("cuTensorMapEncodeIm2col");
  const Extents extents(shape);
  const int lower_corner[2] = {lower[1], lower[0]}, upper_corner[2] = {upper[1], upper[0]};
  const cuuint32_t steps[4] = {1, stride[1], stride[0], 1};
  CUtensorMap map;
  check_encoded(encode(&map, CU_TENSOR_MAP_DATA_TYPE_UINT8, 4, const_cast<void*>(base),
                       extents.sizes, extents.strides, lower_corner, upper_corner, channels, pixels,
                       steps, CU_TENSOR_MAP_INTERLEAVE_NONE, swizzle_for(channels),
                       CU_TENSOR_MAP_L2_PROMOTION_L2_256B, CU_TENSOR_MAP_FLOAT_OOB_FILL_NONE),
                "im2col");
  return map;
}

namespace {

struct Element {
  CUtensorMapDataType type = CU_TENSOR_MAP_DATA_TYPE_UINT8;
  std::uint32_t bytes = 1;
  bool swizzled = true;
};

// From an element of a box to the next one, along each axis.
using Steps = std::array<cuuint32_t, 4>;

template <std::size_t kRank>
CUtensorMap encode_boxes(const void* base, const cuuint64_t (&sizes)[kRank],
                         const cuuint64_t* strides, const cuuint32_t (&box)[kRank],
                         Element element = {}, const Steps& steps = {1, 1, 1, 1}) {
  static const auto encode =
      driver_function<decltype(&cuTensorMapEncodeTiled)>("cuTensorMapEncodeTiled");
  CUtensorMap map;
  check_encoded(
      encode(&map, element.type, kRank, const_cast<void*>(base), sizes, strides, box, steps.data(),
             CU_TENSOR_MAP_INTERLEAVE_NONE,
             element.swizzled ? swizzle_for(box[0] * element.bytes) : CU_TENSOR_MAP_SWIZZLE_NONE,
             CU_TENSOR_MAP_L2_PROMOTION_L2_256B, CU_TENSOR_MAP_FLOAT_OOB_FILL_NONE),
      "a box");
  return map;
}

}  // namespace

CUtensorMap encode_tiled(const void* base, const MapShape& shape, std::uint32_t rows,
                         std::uint32_t columns, std::uint32_t channels, std::uint32_t step) {
  const Extents extents(shape);
  return encode_boxes<4>(base, extents.sizes, extents.strides,
                         {channels, columns * step, rows * step, 1}, {}, {1, step, step, 1});
}

CUtensorMap encode_matrix(const void* base, std::uint64_t rows, std::uint64_t columns,
                          std::uint32_t box_rows, std::uint32_t box_columns) {
  return encode_boxes<2>(base, {columns, rows}, &columns, {box_columns, box_rows});
}

CUtensorMap encode_planes(const void* base, const MapShape& shape, std::uint32_t element,
                          std::uint32_t planes, std::uint32_t rows, std::uint32_t columns) {
  const cuuint64_t row = element * shape.w, plane = row * shape.h;
  const cuuint64_t strides[3] = {row, plane, plane * shape.c};
  return encode_boxes<4>(
      base, {shape.w, shape.h, shape.c, shape.n}, strides, {columns, rows, planes, 1},
      {element == 4 ? CU_TENSOR_MAP_DATA_TYPE_FLOAT32 : CU_TENSOR_MAP_DATA_TYPE_UINT8, element,
       false});
}

CUtensorMap encode_image_words(const void* base, const MapShape& shape, std::uint32_t images,
                               std::uint32_t words, std::uint32_t columns) {
  const cuuint64_t column = 4 * shape.n, row = column * shape.w, word = row * shape.h;
  const cuuint64_t strides[3] = {word, column, row};
  return encode_boxes<4>(base, {shape.n, shape.c / 4, shape.w, shape.h}, strides,
                         {images, words, columns, 1}, {CU_TENSOR_MAP_DATA_TYPE_UINT32, 4, true});
}

}  // namespace octet::cuda
