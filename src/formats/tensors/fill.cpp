#include "formats/tensors/fill.hpp"

#include <charconv>
#include <cmath>
#include <cstring>
#include <octet/status.hpp>
#include <vector>

#include "base/format.hpp"
#include "base/half.hpp"
#include "base/limits.hpp"
#include "base/random.hpp"
#include "formats/tensors/element_count.hpp"

namespace octet {
namespace {

std::vector<std::string_view> split_arguments(std::string_view text) {
  std::vector<std::string_view> items;
  for (;;) {
    const std::size_t comma = text.find(',');
    std::string_view item = text.substr(0, comma);
    while (item.starts_with(' ')) item.remove_prefix(1);
    while (item.ends_with(' ')) item.remove_suffix(1);
    items.push_back(item);
    if (comma == std::string_view::npos) return items;
    text.remove_prefix(comma + 1);
  }
}

// False unless the whole of `text` is a number that fits.
template <typename T>
bool parse_number(std::string_view text, T& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

[[noreturn]] void fail(const std::string& what, const std::string& where) {
  throw Error(StatusCode::invalid_input, what, where);
}

template <typename T>
void fill_integers(Tensor& tensor, std::int64_t lowest, std::int64_t highest, Random& random) {
  for (T& value : tensor.mutable_values<T>())
    value = static_cast<T>(random.between(lowest, highest));
}

template <typename T, typename Convert>
void fill_floats(Tensor& tensor, const RandomRange& range, Random& random, Convert convert) {
  const double span = range.highest - range.lowest;
  for (T& value : tensor.mutable_values<T>())
    value = convert(range.lowest + span * random.uniform());
}

}  // namespace

Shape parse_shape(std::string_view text, const std::string& where) {
  if (!text.starts_with('{') || !text.ends_with('}') || text.size() < 3)
    fail(concat("'", text, "' is not a shape such as {1,3,8,8}"), where);
  Shape shape;
  for (const std::string_view item : split_arguments(text.substr(1, text.size() - 2))) {
    std::int64_t extent = 0;
    if (!parse_number(item, extent) || extent < 1 || extent > limits::kExtent)
      fail(concat("the extent '", item, "' of the shape ", text, " is not a number within 1 and ",
                  limits::kExtent),
           where);
    shape.push_back(extent);
  }
  element_count(shape, where);
  return shape;
}

Tensor fill_bytes(const TensorType& type) {
  Tensor tensor(type);
  std::memset(tensor.mutable_data(), 1, tensor.bytes());
  return tensor;
}

RandomRange parse_random_range(std::string_view text, const std::string& where) {
  const std::string_view start = "rand(";
  RandomRange range;
  if (text.starts_with(start) && text.ends_with(')')) {
    const auto items = split_arguments(text.substr(start.size(), text.size() - start.size() - 1));
    if (items.size() == 3 && parse_number(items[0], range.lowest) &&
        parse_number(items[1], range.highest) && parse_number(items[2], range.seed) &&
        std::isfinite(range.highest - range.lowest) && range.lowest <= range.highest)
      return range;
  }
  fail(concat("'", text,
              "' is not rand(lowest,highest,seed) with lowest <= highest and a whole seed"),
       where);
}

Tensor fill_random(const TensorType& type, const RandomRange& range, const std::string& where) {
  Tensor tensor(type);
  Random random(range.seed);
  const auto plain = [](auto example) {
    return [example](double value) { return static_cast<decltype(example)>(value); };
  };
  switch (type.dtype) {
    case DType::f32: fill_floats<float>(tensor, range, random, plain(0.0f)); return tensor;
    case DType::f64: fill_floats<double>(tensor, range, random, plain(0.0)); return tensor;
    case DType::f16:
      fill_floats<std::uint16_t>(tensor, range, random,
                                 [](double v) { return float_to_half(static_cast<float>(v)); });
      return tensor;
    case DType::bf16:
      fill_floats<std::uint16_t>(tensor, range, random,
                                 [](double v) { return float_to_bf16(static_cast<float>(v)); });
      return tensor;
    default: break;
  }

  const IntegerRange bounds = integer_range(type.dtype);
  const double lowest = std::ceil(range.lowest), highest = std::floor(range.highest);
  if (lowest > highest || lowest < static_cast<double>(bounds.lowest) ||
      highest > static_cast<double>(bounds.highest))
    fail(concat("no ", to_string(type.dtype), " values lie in the range ", range.lowest, " to ",
                range.highest, ", or some of the range lie outside the type"),
         where);
  const auto fill = [&]<typename T>(T) {
    fill_integers<T>(tensor, static_cast<std::int64_t>(lowest), static_cast<std::int64_t>(highest),
                     random);
  };
  switch (size_of(type.dtype)) {
    case 1: fill(std::uint8_t{}); break;
    case 2: fill(std::uint16_t{}); break;
    case 4: fill(std::uint32_t{}); break;
    default: fill(std::uint64_t{}); break;
  }
  return tensor;
}

}  // namespace octet
