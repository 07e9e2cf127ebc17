#include "formats/mge/layouts.hpp"
#include "formats/mge/windows.hpp"
#include "ops/pool.hpp"

namespace octet::mge {
namespace {

PoolMode mode_of(fbs::PoolingMode mode) {
  switch (mode) {
    case fbs::PoolingMode::MAXIMUM: return PoolMode::max;
    case fbs::PoolingMode::AVERAGE: return PoolMode::average;
    case fbs::PoolingMode::AVERAGE_COUNT_EXCLUDE_PADDING: return PoolMode::average_exclude_padding;
  }
  invalid(concat("the unknown pooling mode ", static_cast<std::uint32_t>(mode)));
}

std::vector<ValueId> lower_pooling(Context& context) {
  context.expect_inputs(1, 1);
  const auto& p = context.param<fbs::Pooling>();
  const FormatLayouts layouts = layouts_of(context.format(p.format()));
  Pool2d op;
  op.mode = mode_of(p.mode());
  op.kernel = {p.window_h(), p.window_w()};
  op.window.stride = {p.stride_h(), p.stride_w()};
  op.window.pad = {p.pad_h(), p.pad_w(), p.pad_h(), p.pad_w()};
  const ValueId x = unpack(context, context.input(0), layouts.src);
  return {pack(context, context.add(std::move(op), {x}), layouts.dst)};
}

// AdaptivePooling(x, target {2}).
std::vector<ValueId> lower_adaptive_pooling(Context& context) {
  context.expect_inputs(2, 2);
  const auto& p = context.param<fbs::AdaptivePooling>();
  const FormatLayouts layouts = layouts_of(context.format(p.format()));
  AdaptivePool2d op;
  op.mode = mode_of(p.mode());
  const ValueId x = unpack(context, context.input(0), layouts.src);
  return {pack(context, context.add(std::move(op), {x, context.input(1)}), layouts.dst)};
}

constexpr OperatorRow kRows[] = {
    {"PoolingV1", lower_pooling},
    {"PoolingForward", lower_pooling},
    {"AdaptivePoolingV1", lower_adaptive_pooling},
    {"AdaptivePoolingForward", lower_adaptive_pooling},
};

}  // namespace

std::span<const OperatorRow> pool_operators() { return kRows; }

}  // namespace octet::mge
