#include <algorithm>
#include <cstring>

#include "backends/cuda/common/default_layout.hpp"
#include "backends/cuda/kernel_lists.hpp"
#include "backends/cuda/resample/resample.hpp"
#include "backends/cuda/runtime/check.hpp"
#include "backends/cuda/runtime/context.hpp"
#include "ops/element_moves.hpp"
#include "ops/image.hpp"
#include "ops/operands.hpp"
#include "ops/resize_geometry.hpp"

namespace octet::cuda {
namespace {

// The tables of one axis, kept on the device.
struct AxisTables {
  DeviceArray count, offset, weight;
  int most = 1;
};

AxisTables make_tables(const std::vector<Taps>& taps, std::int64_t stride) {
  AxisTables tables;
  for (const Taps& place : taps)
    tables.most = std::max(tables.most, static_cast<int>(place.size()));
  std::vector<int> count;
  std::vector<long long> offset;
  std::vector<float> weight;
  for (const Taps& place : taps) {
    count.push_back(static_cast<int>(place.size()));
    for (const Tap& tap : place) {
      offset.push_back(tap.index * stride);
      weight.push_back(tap.weight);
    }
    offset.resize(count.size() * static_cast<std::size_t>(tables.most));
    weight.resize(offset.size());
  }
  tables.count = DeviceArray(count);
  tables.offset = DeviceArray(offset);
  tables.weight = DeviceArray(weight);
  return tables;
}

std::vector<ConstView> operands_of(const Problem& problem) {
  std::vector<ConstView> operands{{problem.inputs[0], nullptr}};
  for (std::size_t i = 1; i < problem.inputs.size(); ++i)
    operands.push_back(problem.has_input(i) ? ConstView(*problem.constants[i]) : ConstView{});
  return operands;
}

std::unique_ptr<Executable> prepare_resize(const Problem& problem, const Demands&) {
  const auto& op = *problem.as<Resize>();
  const TensorType& x = problem.inputs[0];
  const std::vector<std::int64_t> strides = strides_of(x.shape);
  ResizeParams params{};
  params.count = problem.outputs[0].shape.elements();
  params.dtype = x.dtype;
  params.element_bytes = static_cast<int>(size_of(x.dtype));
  params.rounding = resize_rounding(op, x.dtype);
  params.order = weight_order(op);
  params.outside = resize_outside(op, x);
  const Tensor fill = resize_fill(op, x);
  std::memcpy(&params.outside_bits, fill.data(), fill.bytes());
  std::vector<AxisTables> tables;
  for (const std::vector<Taps>& taps : resize_taps(op, operands_of(problem))) {
    const auto axis = tables.size();
    const AxisTables& table = tables.emplace_back(make_tables(taps, strides[axis]));
    params.taps[axis] = {static_cast<int>(taps.size()), table.most, table.count.as<int>(),
                         table.offset.as<long long>(), table.weight.as<float>()};
  }
  params.axes = static_cast<int>(tables.size());
  const bool nearest = op.interpolation == Interpolation::nearest;
  // The lambda keeps the device memory that params point to.
  return make_launch(
      [params, tables, nearest](const RunArgs& args, cudaStream_t stream) {
        if (nearest) launch_resize_nearest(params, args.inputs[0], args.outputs[0], stream);
        else launch_resize_weighted(params, args.inputs[0], args.outputs[0], stream);
        OCTET_CUDA_CHECK(cudaGetLastError());
      },
      0, {true, false, false, false});
}

std::unique_ptr<Executable> prepare_warp(const Problem& problem, const Demands&) {
  const auto& op = *problem.as<WarpPerspective>();
  const Shape& x = problem.inputs[0].shape;
  const Shape& y = problem.outputs[0].shape;
  const auto integer = [](std::int64_t value) { return static_cast<int>(value); };
  const WarpParams params{op.border,     op.border_value, problem.inputs[0].dtype,
                          integer(x[0]), integer(x[1]),   integer(x[2]),
                          integer(x[3]), integer(y[2]),   integer(y[3])};
  return make_launch(
      [params](const RunArgs& args, cudaStream_t stream) {
        launch_warp(params, args.inputs[0], reinterpret_cast<const float*>(args.inputs[1]),
                    args.outputs[0], stream);
        OCTET_CUDA_CHECK(cudaGetLastError());
      },
      0, {true, true, false});
}

}  // namespace

std::span<const Kernel> resize_rows() {
  static const Kernel rows[] = {{"resize_any_direct_sm75", check_default_layout, prepare_resize}};
  return rows;
}

std::span<const Kernel> warp_rows() {
  static const Kernel rows[] = {{"warp_any_direct_sm75", check_default_layout, prepare_warp}};
  return rows;
}

}  // namespace octet::cuda
