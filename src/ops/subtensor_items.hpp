// How the items of MegEngine's Subtensor family name a part of a value.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "ops/axis_range.hpp"
#include "ops/move.hpp"

namespace octet {

// What is taken of one axis: a range, or what the input at `index_input` names.
struct AxisPick {
  AxisRange range;
  std::optional<std::size_t> index_input;
};

// The value of a scalar input.
using NumberOf = std::function<std::int64_t(std::size_t input)>;
NumberOf known_numbers(const InferArgs& args);              // at inference; throws when unknown
NumberOf given_numbers(std::span<const ConstView> inputs);  // at computation

// One pick per axis of x. The inputs of the items begin at `first_input`. Throws
// Error(invalid_model) for axes out of range or named twice, and for steps of 0.
std::vector<AxisPick> resolve_items(std::span<const SubtensorItem> items, const Shape& x,
                                    std::size_t first_input, const NumberOf& number);

// Throws Error(invalid_model) unless there are `first_input` inputs and those of the items.
void require_item_inputs(std::span<const SubtensorItem> items, const InferArgs& args,
                         std::size_t first_input);

// True unless the pick leaves the axis as it is.
bool changes_axis(const AxisPick& pick, std::int64_t extent);

void visit_items(AttributeVisitor& visitor, std::span<const SubtensorItem> items);

}  // namespace octet
