// The map is made by the operator itself: its reference computation runs on values that are their
// own indices. So a moving operator needs no device code, and means on the GPU what it means
// elsewhere.
#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <string_view>

#include "backends/cuda/common/default_layout.hpp"
#include "backends/cuda/kernel_lists.hpp"
#include "backends/cuda/move/add_map.hpp"
#include "backends/cuda/move/copy.hpp"
#include "backends/cuda/move/index_map.hpp"
#include "backends/cuda/runtime/check.hpp"
#include "backends/cuda/runtime/context.hpp"
#include "ops/move.hpp"

namespace octet::cuda {
namespace {

// How many of an operator's first inputs are data; the rest says where elements go and is constant.
std::size_t data_inputs(const Problem& problem) {
  const std::string_view kind = problem.op->kind();
  if (kind == Concat::kKind) return problem.inputs.size();
  return kind == SetSubtensor::kKind ? 2 : 1;
}

bool adds(const Problem& problem) {
  const auto* set = problem.as<SetSubtensor>();
  return set != nullptr && set->add;
}

// Whether a map says everything about where elements go.
Verdict check_map(const Problem& problem, const Demands& demands) {
  const std::size_t data = data_inputs(problem);
  if (data > kMostMovedInputs) return Verdict::refuse("there are more than 16 inputs");
  std::int64_t elements = problem.outputs[0].shape.elements();
  for (std::size_t i = 0; i < problem.inputs.size(); ++i) {
    if (!problem.has_input(i)) continue;
    if (i < data) elements += problem.inputs[i].shape.elements();
    else if (problem.constants[i] == nullptr)
      return Verdict::refuse("an input that says where elements go is not a constant");
  }
  if (elements >= std::numeric_limits<std::int32_t>::max())
    return Verdict::refuse("there are more than 2^31 elements");
  return check_default_layout(problem, demands);
}

Verdict check_move(const Problem& problem, const Demands& demands) {
  if (adds(problem)) return Verdict::refuse("adding is not moving");
  return check_map(problem, demands);
}

Verdict check_add(const Problem& problem, const Demands& demands) {
  if (!adds(problem)) return Verdict::refuse("nothing is added");
  return check_map(problem, demands);
}

// What a Pad writes, as the stored integer or the bits of the float.
std::int64_t fill_of(const Problem& problem) {
  const auto* pad = problem.as<Pad>();
  if (pad == nullptr || pad->mode != PadMode::constant) return 0;
  // One element padded by one on each axis tells how the operator pads this type.
  TensorType one = problem.inputs[0];
  for (std::size_t axis = 0; axis < one.shape.rank(); ++axis) one.shape[axis] = 1;
  std::vector<std::int64_t> pads(2 * one.shape.rank(), 1);
  const Tensor x(one);
  const Tensor amounts = Tensor::from<std::int64_t>(
      {DType::s64, Shape{static_cast<std::int64_t>(pads.size())}, kNCHW, std::nullopt}, pads);
  std::vector<TensorType> types{one, amounts.type()};
  std::vector<const Tensor*> known{nullptr, &amounts};
  std::vector<ConstView> in{x, amounts};
  if (problem.has_input(2)) {
    types.push_back(problem.inputs[2]);
    known.push_back(problem.constants[2]);
    in.emplace_back(*problem.constants[2]);
  }
  Tensor y(problem.op->infer({types, known})[0]);
  const std::array<View, 1> out{View(y)};
  problem.op->compute(in, out);
  std::int64_t fill = 0;
  std::memcpy(&fill, y.data(), size_of(y.dtype()));
  return fill;
}

struct Map {
  std::vector<std::int32_t> indices;
  IndexMapParams params{};
};

Map make_map(const Problem& problem) {
  Map map;
  const std::size_t data = data_inputs(problem);
  std::vector<Tensor> values;
  std::vector<TensorType> types;
  std::vector<const Tensor*> known;
  std::vector<ConstView> views;
  values.reserve(data);
  std::int32_t next = 0;
  for (std::size_t i = 0; i < problem.inputs.size(); ++i) {
    if (i < data) {
      Tensor& value =
          values.emplace_back(TensorType{DType::s32, problem.inputs[i].shape, kNCHW, std::nullopt});
      map.params.begin[i] = next;
      for (std::int32_t& index : value.mutable_values<std::int32_t>()) index = ++next;
      types.push_back(value.type());
      known.push_back(nullptr);
      views.emplace_back(value);
    } else {
      // A pad's value becomes index 0, which means `fill`.
      const bool pad_value = problem.as<Pad>() != nullptr && i == 2;
      if (pad_value) continue;
      types.push_back(problem.inputs[i]);
      known.push_back(problem.constants[i]);
      views.push_back(problem.has_input(i) ? ConstView(*problem.constants[i]) : ConstView{});
    }
  }
  map.params.begin[data] = next;
  map.params.count = static_cast<int>(data);
  OpPtr op = problem.op;
  if (const auto* pad = problem.as<Pad>(); pad != nullptr && pad->mge_value) {
    Pad plain = *pad;
    plain.mge_value.reset();
    op = make_op<Pad>(plain);
  }
  if (adds(problem)) {
    SetSubtensor replaces = *problem.as<SetSubtensor>();
    replaces.add = false;
    op = make_op<SetSubtensor>(replaces);
  }
  std::vector<Tensor> outputs;
  for (const TensorType& type : op->infer({types, known})) outputs.emplace_back(type);
  std::vector<View> out(outputs.begin(), outputs.end());
  op->compute(views, out);
  for (const Tensor& output : outputs) {
    const auto indices = output.values<std::int32_t>();
    map.indices.insert(map.indices.end(), indices.begin(), indices.end());
  }
  return map;
}

std::unique_ptr<Executable> prepare_move(const Problem& problem, const Demands&) {
  const Map map = make_map(problem);
  const DeviceArray indices(map.indices);
  IndexMapParams params = map.params;
  params.fill = fill_of(problem);
  params.element_bytes = static_cast<int>(size_of(problem.outputs[0].dtype));
  std::vector<std::int64_t> counts;
  for (const TensorType& output : problem.outputs) counts.push_back(output.shape.elements());
  std::vector<bool> reads(problem.inputs.size(), false);
  std::fill_n(reads.begin(), params.count, true);
  return make_launch(
      [params, indices, counts](const RunArgs& args, cudaStream_t stream) {
        IndexMapParams p = params;
        for (int i = 0; i < p.count; ++i) p.inputs[i] = args.inputs[static_cast<std::size_t>(i)];
        p.map = indices.as<int>();
        for (std::size_t i = 0; i < counts.size(); ++i) {
          p.outputs = counts[i];
          launch_index_map(p, args.outputs[i], stream);
          p.map += counts[i];
        }
        OCTET_CUDA_CHECK(cudaGetLastError());
      },
      0, reads);
}

// The map of a replacement tells where the values go that are added instead.
std::unique_ptr<Executable> prepare_add(const Problem& problem, const Demands&) {
  const Map map = make_map(problem);
  const DeviceArray indices(map.indices);
  const std::int64_t count = problem.outputs[0].shape.elements();
  std::vector<bool> reads(problem.inputs.size(), false);
  reads[0] = reads[1] = true;
  return make_launch(
      [indices, count, dtype = problem.outputs[0].dtype](const RunArgs& args, cudaStream_t stream) {
        launch_add_map(dtype, indices.as<int>(), count, args.inputs[0], args.inputs[1],
                       args.outputs[0], stream);
        OCTET_CUDA_CHECK(cudaGetLastError());
      },
      0, reads);
}

std::unique_ptr<Executable> prepare_copy(const Problem& problem, const Demands&) {
  return make_copy(problem.outputs[0].bytes());
}

}  // namespace

std::span<const Kernel> move_rows() {
  static const Kernel rows[] = {{"move_any_indexmap_sm75", check_move, prepare_move}};
  return rows;
}

std::span<const Kernel> add_to_part_rows() {
  static const Kernel rows[] = {{"add_to_part_any_indexmap_sm75", check_add, prepare_add}};
  return rows;
}

std::span<const Kernel> copy_rows() {
  static const Kernel rows[] = {{"copy_any_memcpy_sm75", check_default_layout, prepare_copy}};
  return rows;
}

}  // namespace octet::cuda
