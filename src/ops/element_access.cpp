#include "ops/element_access.hpp"

#include "ops/elements.hpp"

namespace octet {
namespace {

template <typename Stored, typename T>
Stored to_stored(T value, DType dtype, bool clamps) noexcept {
  if constexpr (std::is_integral_v<T>) {
    if (clamps) return saturate<Stored>(static_cast<std::int64_t>(value), dtype);
    return from_integer<Stored>(value, dtype);
  } else {
    if (dtype == DType::boolean) return from_integer<Stored>(value != T{0} ? 1 : 0, dtype);
    if constexpr (std::is_same_v<Stored, T>) return value;
    else return from_real<Stored>(static_cast<double>(value), dtype);
  }
}

}  // namespace

Arithmetic arithmetic_of(DType dtype) noexcept {
  if (dtype == DType::f64) return Arithmetic::binary64;
  if (is_float(dtype)) return Arithmetic::binary32;
  return dtype == DType::u64 ? Arithmetic::unsigned64 : Arithmetic::integer;
}

ElementReader::ElementReader(const ConstView& source)
    : data_(source.data), dtype_(source.dtype()), quantised_(source.type->is_quantised()) {
  if (!quantised_) return;
  zero_point_ = source.type->quant->zero_point();
  scale_ = source.type->quant->scale();
}

template <typename T>
void ElementReader::read(std::int64_t first, std::int64_t stride, std::int64_t count,
                         T* out) const {
  with_storage(dtype_, [&]<typename Stored>(std::type_identity<Stored>) {
    const Stored* in = reinterpret_cast<const Stored*>(data_) + first;
    for (std::int64_t i = 0; i < count; ++i) {
      const Stored value = in[i * stride];
      if constexpr (std::is_integral_v<T>)
        out[i] = static_cast<T>(value) - static_cast<T>(zero_point_);
      else if (quantised_)
        out[i] = static_cast<T>(static_cast<float>(static_cast<std::int64_t>(value) - zero_point_) *
                                scale_);
      else out[i] = static_cast<T>(value);
    }
  });
}

ElementWriter::ElementWriter(const View& target, QuantRule rule)
    : data_(target.data), dtype_(target.dtype()), quantised_(target.type->is_quantised()) {
  if (!quantised_) return;
  zero_point_ = target.type->quant->zero_point();
  quantiser_ = Quantiser::make({dtype_, target.type->quant}, rule);
}

template <typename T>
void ElementWriter::write(std::int64_t first, std::int64_t stride, std::int64_t count, const T* in,
                          bool saturate) const {
  with_storage(dtype_, [&]<typename Stored>(std::type_identity<Stored>) {
    Stored* out = reinterpret_cast<Stored*>(data_) + first;
    for (std::int64_t i = 0; i < count; ++i) {
      if constexpr (std::is_integral_v<T>)
        out[i * stride] = to_stored<Stored>(in[i] + static_cast<T>(zero_point_), dtype_, saturate);
      else if (quantised_)
        out[i * stride] = from_integer<Stored>(quantiser_(static_cast<float>(in[i])), dtype_);
      else out[i * stride] = to_stored<Stored>(in[i], dtype_, saturate);
    }
  });
}

#define OCTET_ELEMENT_ACCESS(T)                                                          \
  template void ElementReader::read(std::int64_t, std::int64_t, std::int64_t, T*) const; \
  template void ElementWriter::write(std::int64_t, std::int64_t, std::int64_t, const T*, bool) const
OCTET_ELEMENT_ACCESS(float);
OCTET_ELEMENT_ACCESS(double);
OCTET_ELEMENT_ACCESS(std::int64_t);
OCTET_ELEMENT_ACCESS(std::uint64_t);
#undef OCTET_ELEMENT_ACCESS

}  // namespace octet
