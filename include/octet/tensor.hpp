// The types of values: element type, shape, layout, quantisation; and Tensor, which owns one.
//
// All of them are plain values. A Tensor shares its storage when copied (clone() copies the bytes);
// concurrent reads are safe, writing needs the only reference or the caller's own locking.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace octet {

// s4 and u4 take one byte per element, sign or zero extended.
enum class DType : std::uint8_t {
  f32,
  f64,
  f16,
  bf16,
  s4,
  u4,
  s8,
  u8,
  s16,
  u16,
  s32,
  u32,
  s64,
  u64,
  boolean
};

std::size_t size_of(DType dtype) noexcept;  // bytes per element
bool is_float(DType dtype) noexcept;
bool is_integer(DType dtype) noexcept;  // every integer type; boolean is not one
std::string_view to_string(DType dtype) noexcept;
std::optional<DType> parse_dtype(std::string_view text) noexcept;  // the names to_string() gives

// The integers a dtype can hold, clamped to what float arithmetic can reach exactly.
struct IntegerRange {
  std::int64_t lowest, highest;
};
IntegerRange integer_range(DType dtype) noexcept;

// Up to kMaxRank extents, each >= 0. Rank 0 is a scalar with one element.
class Shape {
 public:
  static constexpr std::size_t kMaxRank = 8;

  Shape() = default;
  Shape(std::initializer_list<std::int64_t> extents);     // throws Error(invalid_argument)
  explicit Shape(std::span<const std::int64_t> extents);  // throws Error(invalid_argument)

  std::size_t rank() const noexcept { return rank_; }
  std::int64_t operator[](std::size_t axis) const noexcept { return extents_[axis]; }
  std::int64_t& operator[](std::size_t axis) noexcept { return extents_[axis]; }
  const std::int64_t* begin() const noexcept { return extents_.data(); }
  const std::int64_t* end() const noexcept { return extents_.data() + rank_; }
  std::span<const std::int64_t> extents() const noexcept { return {extents_.data(), rank_}; }
  std::int64_t back() const noexcept { return extents_[rank_ - 1]; }

  // Product of the extents. Throws Error(resource_exhausted) past 2^40 elements.
  std::int64_t elements() const;

  void push_back(std::int64_t extent);  // throws Error(unsupported) past kMaxRank
  friend bool operator==(const Shape& a, const Shape& b) noexcept;
  std::string to_string() const;  // "{1,3,224,224}"

 private:
  std::array<std::int64_t, kMaxRank> extents_{};
  std::size_t rank_ = 0;
};

// Order of the four logical axes N, C, H, W in memory, and how many channels are packed innermost.
// Values of other ranks are always row-major and carry the default layout. A Shape is always the
// logical one (N,C,H,W), whatever the layout.
struct Layout {
  std::array<char, 4> order{'N', 'C', 'H', 'W'};
  std::int8_t vector = 1;  // channels packed innermost; C is padded to a multiple of it

  friend bool operator==(const Layout&, const Layout&) = default;
};

inline constexpr Layout kNCHW{};
inline constexpr Layout kNHWC{{'N', 'H', 'W', 'C'}, 1};
// The bytes of kNHWC wherever C is a multiple of 4.
inline constexpr Layout kNHWC4{{'N', 'H', 'W', 'C'}, 4};
inline constexpr Layout kNCHW4{{'N', 'C', 'H', 'W'}, 4};
inline constexpr Layout kNCHW32{{'N', 'C', 'H', 'W'}, 32};
inline constexpr Layout kNCHW64{{'N', 'C', 'H', 'W'}, 64};
inline constexpr Layout kCHWN4{{'C', 'H', 'W', 'N'}, 4};

std::string to_string(const Layout& layout);  // "NCHW4"
std::optional<Layout> parse_layout(std::string_view text);

// real value = scales[k] * (q - zero_points[k]), k = index along `axis`, or 0 when axis is -1.
struct Quant {
  std::vector<float> scales{1.0f};        // one, or one per index of `axis`; finite and > 0
  std::vector<std::int32_t> zero_points;  // empty means 0 everywhere; else 1 or scales.size()
  int axis = -1;

  static Quant per_tensor(float scale, std::int32_t zero_point = 0);
  float scale(std::size_t k = 0) const noexcept { return scales[scales.size() == 1 ? 0 : k]; }
  std::int32_t zero_point(std::size_t k = 0) const noexcept {
    if (zero_points.empty()) return 0;
    return zero_points[zero_points.size() == 1 ? 0 : k];
  }
  bool is_per_tensor() const noexcept { return scales.size() == 1 && zero_points.size() <= 1; }
  bool is_symmetric() const noexcept;  // every zero point is 0
  friend bool operator==(const Quant& a, const Quant& b) noexcept;
};

// Everything that is known of a value besides its bytes. A value with `quant` holds quantised
// numbers; an integer value without it holds plain integers.
struct TensorType {
  DType dtype = DType::f32;
  Shape shape;
  Layout layout = kNCHW;
  std::optional<Quant> quant;

  bool is_quantised() const noexcept { return quant.has_value(); }
  // Elements in memory, channel padding included.
  std::int64_t physical_elements() const;
  std::size_t bytes() const;
  friend bool operator==(const TensorType&, const TensorType&) = default;
  std::string to_string() const;  // "u8{1,64,56,56}:NHWC q(0.0123,128)"
};

// Offset in elements of logical (n, c, h, w) in a rank-4 value of this type.
std::int64_t offset_of(const TensorType& type, std::int64_t n, std::int64_t c, std::int64_t h,
                       std::int64_t w) noexcept;

// A typed piece of host memory, contiguous in its layout, 64-byte aligned unless borrowed.
class Tensor {
 public:
  static constexpr std::size_t kAlignment = 64;

  Tensor() = default;                // f32 scalar without storage: empty() is true
  explicit Tensor(TensorType type);  // allocates; the content is zero
  // Shares `storage`, which must hold type.bytes() bytes from `data` on and outlive the tensor.
  Tensor(TensorType type, std::shared_ptr<const void> storage, const std::byte* data);

  template <typename T>
  static Tensor from(TensorType type, std::span<const T> values);

  bool empty() const noexcept { return data_ == nullptr; }
  const TensorType& type() const noexcept { return type_; }
  const Shape& shape() const noexcept { return type_.shape; }
  DType dtype() const noexcept { return type_.dtype; }
  std::size_t bytes() const { return type_.bytes(); }
  const std::byte* data() const noexcept { return data_; }
  std::byte* mutable_data() noexcept { return const_cast<std::byte*>(data_); }

  template <typename T>
  std::span<const T> values() const {
    return {reinterpret_cast<const T*>(data_), bytes() / sizeof(T)};
  }
  template <typename T>
  std::span<T> mutable_values() {
    return {reinterpret_cast<T*>(mutable_data()), bytes() / sizeof(T)};
  }

  Tensor clone() const;                     // deep copy
  Tensor with_type(TensorType type) const;  // the same bytes seen as another type of equal size

 private:
  TensorType type_;
  std::shared_ptr<const void> storage_;
  const std::byte* data_ = nullptr;
};

Tensor make_tensor(TensorType type, const void* source);  // copies type.bytes() bytes

// A tensor under the name of a model's input or output.
struct NamedTensor {
  std::string name;
  Tensor tensor;
};
using NamedTensors = std::vector<NamedTensor>;

// What a model says of one of its inputs or outputs.
struct TensorInfo {
  std::string name;
  TensorType type;
};

template <typename T>
Tensor Tensor::from(TensorType type, std::span<const T> values) {
  return make_tensor(std::move(type), values.data());
}

}  // namespace octet
