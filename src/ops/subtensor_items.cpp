#include "ops/subtensor_items.hpp"

#include <octet/status.hpp>

#include "base/format.hpp"
#include "ops/operands.hpp"
#include "ops/require.hpp"

namespace octet {

NumberOf known_numbers(const InferArgs& args) {
  return [&args](std::size_t input) { return known_integer(args, input, concat("bound ", input)); };
}

NumberOf given_numbers(std::span<const ConstView> inputs) {
  return [inputs](std::size_t input) { return to_integers(inputs[input]).at(0); };
}

void require_item_inputs(std::span<const SubtensorItem> items, const InferArgs& args,
                         std::size_t first_input) {
  std::size_t count = first_input;
  for (const SubtensorItem& item : items)
    count += static_cast<std::size_t>(item.begin + item.end + item.step + item.index);
  require_inputs(args, count, count);
}

std::vector<AxisPick> resolve_items(std::span<const SubtensorItem> items, const Shape& x,
                                    std::size_t first_input, const NumberOf& number) {
  std::vector<std::int64_t> named;
  for (const SubtensorItem& item : items) named.push_back(item.axis);
  const std::vector<std::size_t> axes = resolve_axes(named, x.rank());
  std::vector<AxisPick> picks;
  for (const std::int64_t extent : x) picks.push_back({{0, 1, extent}, std::nullopt});
  std::size_t next = first_input;
  const auto take = [&](bool present) {
    return present ? std::optional(number(next++)) : std::nullopt;
  };
  for (std::size_t i = 0; i < items.size(); ++i) {
    const SubtensorItem& item = items[i];
    require(!item.index || !(item.begin || item.end || item.step), "axis ", item.axis,
            " is both indexed and sliced");
    if (item.index) {
      picks[axes[i]].index_input = next++;
      continue;
    }
    const auto begin = take(item.begin), end = take(item.end), step = take(item.step);
    picks[axes[i]].range = resolve_range(begin, end, step.value_or(1), x[axes[i]]);
  }
  return picks;
}

bool changes_axis(const AxisPick& pick, std::int64_t extent) {
  return pick.index_input || pick.range.step != 1 || pick.range.count != extent;
}

// "1[begin,end];3[index]"
void visit_items(AttributeVisitor& visitor, std::span<const SubtensorItem> items) {
  std::vector<std::string> texts;
  for (const SubtensorItem& item : items) {
    std::vector<std::string_view> parts;
    if (item.begin) parts.push_back("begin");
    if (item.end) parts.push_back("end");
    if (item.step) parts.push_back("step");
    if (item.index) parts.push_back("index");
    texts.push_back(concat(item.axis, "[", join(parts, ","), "]"));
  }
  visitor.text("items", join(texts, ";"));
}

}  // namespace octet
