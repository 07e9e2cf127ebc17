#include <array>
#include <limits>
#include <octet/tensor.hpp>

namespace octet {
namespace {

struct DTypeRow {
  std::string_view name;
  std::size_t bytes;
  IntegerRange range;
};

// In the order of enum DType. The s32 and s64 bounds are the largest floats below 2^31 and 2^63.
constexpr std::array<DTypeRow, 15> kRows{{
    {"f32", 4, {0, 0}},
    {"f64", 8, {0, 0}},
    {"f16", 2, {0, 0}},
    {"bf16", 2, {0, 0}},
    {"s4", 1, {-8, 7}},
    {"u4", 1, {0, 15}},
    {"s8", 1, {-128, 127}},
    {"u8", 1, {0, 255}},
    {"s16", 2, {-32768, 32767}},
    {"u16", 2, {0, 65535}},
    {"s32", 4, {-2147483648ll, 2147483520ll}},
    {"u32", 4, {0, 4294967040ll}},
    {"s64", 8, {std::numeric_limits<std::int64_t>::min(), 9223371487098961920ll}},
    {"u64", 8, {0, 9223371487098961920ll}},
    {"bool", 1, {0, 1}},
}};

const DTypeRow& row(DType dtype) noexcept { return kRows[static_cast<std::size_t>(dtype)]; }

}  // namespace

std::size_t size_of(DType dtype) noexcept { return row(dtype).bytes; }

bool is_float(DType dtype) noexcept {
  return dtype == DType::f32 || dtype == DType::f64 || dtype == DType::f16 || dtype == DType::bf16;
}

bool is_integer(DType dtype) noexcept { return !is_float(dtype) && dtype != DType::boolean; }

std::string_view to_string(DType dtype) noexcept { return row(dtype).name; }

std::optional<DType> parse_dtype(std::string_view text) noexcept {
  for (std::size_t i = 0; i < kRows.size(); ++i)
    if (kRows[i].name == text) return static_cast<DType>(i);
  return std::nullopt;
}

IntegerRange integer_range(DType dtype) noexcept { return row(dtype).range; }

}  // namespace octet
