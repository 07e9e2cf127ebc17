#include <algorithm>
#include <cstring>
#include <octet/status.hpp>

#include "base/format.hpp"
#include "base/limits.hpp"
#include "ops/element_moves.hpp"
#include "ops/elements.hpp"
#include "ops/move.hpp"
#include "ops/operands.hpp"
#include "ops/require.hpp"

namespace octet {
namespace {

std::string_view to_string(PadMode mode) noexcept {
  switch (mode) {
    case PadMode::constant: return "constant";
    case PadMode::reflect: return "reflect";
    case PadMode::edge: return "edge";
  }
  return "?";
}

// What one axis loses and gains. A negative pad crops.
struct AxisPads {
  std::int64_t begin = 0, end = 0;
  std::int64_t kept_begin() const { return begin < 0 ? -begin : 0; }
  std::int64_t crop() const { return kept_begin() + (end < 0 ? -end : 0); }
};

std::vector<AxisPads> pads_of(const Shape& x, std::span<const std::int64_t> numbers) {
  require(numbers.size() == 2 * x.rank(), "there are ", numbers.size(),
          " pads for a value of shape ", x.to_string());
  std::vector<AxisPads> pads;
  for (std::size_t axis = 0; axis < x.rank(); ++axis) {
    pads.push_back({numbers[axis], numbers[axis + x.rank()]});
    // Bounds first: then no sum below can overflow.
    for (const std::int64_t pad : {pads.back().begin, pads.back().end})
      require(pad >= -x[axis] && pad <= limits::kExtent, "axis ", axis, " of extent ", x[axis],
              " cannot be padded by ", pad);
    require(pads.back().crop() <= x[axis], "axis ", axis, " of extent ", x[axis],
            " cannot be padded by ", pads.back().begin, " and ", pads.back().end);
  }
  return pads;
}

// The index inside [0, extent) that stands at place i of the padded axis, or -1.
std::int64_t source_index(PadMode mode, std::int64_t i, std::int64_t extent) {
  if (i >= 0 && i < extent) return i;
  if (mode == PadMode::constant) return -1;
  if (mode == PadMode::edge || extent == 1) return i < 0 ? 0 : extent - 1;
  const std::int64_t period = 2 * (extent - 1);
  const std::int64_t phase = ((i % period) + period) % period;
  return phase < extent ? phase : period - phase;
}

std::vector<std::int64_t> padded_offsets(PadMode mode, const AxisPads& pads, std::int64_t extent,
                                         std::int64_t stride) {
  const std::int64_t kept = extent - pads.crop();
  const std::int64_t before = std::max<std::int64_t>(pads.begin, 0);
  std::vector<std::int64_t> offsets;
  for (std::int64_t i = 0; i < extent + pads.begin + pads.end; ++i) {
    const std::int64_t index = source_index(mode, i - before, kept);
    offsets.push_back(index < 0 ? kFill : (index + pads.kept_begin()) * stride);
  }
  return offsets;
}

// What constant padding stores.
Tensor fill_element(const Pad& op, std::span<const ConstView> inputs) {
  const DType dtype = inputs[0].dtype();
  Tensor fill(TensorType{dtype, {}, kNCHW, std::nullopt});
  if (!op.mge_value) {
    const bool given = inputs.size() > 2 && inputs[2].data != nullptr;
    require(!given || inputs[2].dtype() == dtype, "the pad value is of another type");
    if (given) std::memcpy(fill.mutable_data(), inputs[2].data, size_of(dtype));
    return fill;
  }
  with_storage(dtype, [&]<typename T>(std::type_identity<T>) {
    fill.mutable_values<T>()[0] = from_real<T>(static_cast<double>(*op.mge_value), dtype);
  });
  return fill;
}

}  // namespace

void Pad::visit(AttributeVisitor& visitor) const {
  visitor.text("mode", to_string(mode));
  if (mge_value) visitor.number("mge_value", static_cast<double>(*mge_value));
}

std::vector<TensorType> Pad::infer(const InferArgs& args) const {
  require_inputs(args, 2, 3);
  const TensorType& x = args.types[0];
  const std::vector<AxisPads> pads = pads_of(x.shape, known_integers(args, 1, "pads"));
  std::vector<std::int64_t> extents;
  for (std::size_t axis = 0; axis < pads.size(); ++axis) {
    const auto& [begin, end] = pads[axis];
    if (begin != 0 || end != 0) require_common_scale(x, axis, "padding of");
    require(
        mode == PadMode::constant || (begin <= 0 && end <= 0) || x.shape[axis] > pads[axis].crop(),
        "axis ", axis, " of ", x.to_string(), " has nothing to pad with");
    extents.push_back(x.shape[axis] + begin + end);
  }
  if (has_input(args, 2)) {
    const TensorType& value = args.types[2];
    require(value.dtype == x.dtype && value.shape.elements() == 1, "a pad value of type ",
            value.to_string(), " does not fit ", x.to_string());
  }
  return {with_shape(x, checked_shape(extents))};
}

void Pad::compute(std::span<const ConstView> inputs, std::span<const View> outputs) const {
  const ConstView& x = inputs[0];
  const std::vector<AxisPads> pads = pads_of(x.shape(), to_integers(inputs[1]));
  const std::vector<std::int64_t> strides = strides_of(x.shape());
  OffsetTable table;
  for (std::size_t axis = 0; axis < pads.size(); ++axis)
    table.push_back(padded_offsets(mode, pads[axis], x.shape()[axis], strides[axis]));
  gather_by_offsets(x, outputs[0], table, fill_element(*this, inputs).data());
}

}  // namespace octet
