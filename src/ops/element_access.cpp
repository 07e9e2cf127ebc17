#include "ops/element_access.hpp"

namespace octet {

Arithmetic arithmetic_of(DType dtype) noexcept {
  if (dtype == DType::f64) return Arithmetic::binary64;
  if (is_float(dtype)) return Arithmetic::binary32;
  return dtype == DType::u64 ? Arithmetic::unsigned64 : Arithmetic::integer;
}

ElementFormat ElementFormat::of(const TensorType& type, QuantRule rule) {
  ElementFormat format;
  format.dtype = type.dtype;
  if (!type.quant) return format;
  format.quantised = true;
  format.zero_point = type.quant->zero_point();
  format.scale = type.quant->scale();
  format.quantiser = Quantiser::make({type.dtype, type.quant}, rule);
  return format;
}

ElementReader::ElementReader(const ConstView& source)
    : data_(source.data), format_(ElementFormat::of(*source.type, QuantRule::mge)) {}

template <typename T>
void ElementReader::read(std::int64_t first, std::int64_t stride, std::int64_t count,
                         T* out) const {
  const ElementFormat format = format_;  // which `out` is then known not to be
  with_storage(format.dtype, [&]<typename Stored>(std::type_identity<Stored>) {
    const Stored* in = reinterpret_cast<const Stored*>(data_) + first;
    for (std::int64_t i = 0; i < count; ++i) out[i] = to_number<T>(format, in[i * stride]);
  });
}

ElementWriter::ElementWriter(const View& target, QuantRule rule)
    : data_(target.data), format_(ElementFormat::of(*target.type, rule)) {}

template <typename T>
void ElementWriter::write(std::int64_t first, std::int64_t stride, std::int64_t count, const T* in,
                          bool saturate) const {
  const ElementFormat format = format_;
  with_storage(format.dtype, [&]<typename Stored>(std::type_identity<Stored>) {
    Stored* out = reinterpret_cast<Stored*>(data_) + first;
    for (std::int64_t i = 0; i < count; ++i)
      out[i * stride] = to_stored<Stored>(format, in[i], saturate);
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
