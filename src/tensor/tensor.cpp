#include <cstring>
#include <new>

#include <octet/status.hpp>
#include <octet/tensor.hpp>
#include "base/checked.hpp"
#include "base/format.hpp"

namespace octet {

Quant Quant::per_tensor(float scale, std::int32_t zero_point) {
  Quant quant;
  quant.scales = {scale};
  if (zero_point != 0) quant.zero_points = {zero_point};
  return quant;
}

bool Quant::is_symmetric() const noexcept {
  for (const std::int32_t zero_point : zero_points)
    if (zero_point != 0) return false;
  return true;
}

bool operator==(const Quant& a, const Quant& b) noexcept {
  if (a.scales != b.scales || (a.axis != b.axis && !(a.is_per_tensor() && b.is_per_tensor())))
    return false;
  if (a.zero_points == b.zero_points) return true;
  const std::size_t count = a.scales.size();
  for (std::size_t k = 0; k < count; ++k)
    if (a.zero_point(k) != b.zero_point(k)) return false;
  return true;
}

std::int64_t TensorType::physical_elements() const {
  if (layout.vector == 1 || shape.rank() != 4) return shape.elements();
  Shape padded = shape;
  padded[1] = (shape[1] + layout.vector - 1) / layout.vector * layout.vector;
  return padded.elements();
}

std::size_t TensorType::bytes() const {
  return checked_mul(static_cast<std::size_t>(physical_elements()), size_of(dtype));
}

std::string TensorType::to_string() const {
  std::string text = concat(octet::to_string(dtype), shape.to_string());
  if (!(layout == kNCHW)) text += ":" + octet::to_string(layout);
  if (!quant) return text;
  if (quant->is_per_tensor())
    return concat(text, " q(", quant->scale(), ",", quant->zero_point(), ")");
  return concat(text, " q(axis=", quant->axis, ",", quant->scales.size(), " scales)");
}

Tensor::Tensor(TensorType type) : type_(std::move(type)) {
  const std::size_t size = std::max<std::size_t>(type_.bytes(), 1);
  auto* raw = static_cast<std::byte*>(::operator new (size, std::align_val_t{kAlignment}));
  std::memset(raw, 0, size);
  storage_ = std::shared_ptr<void>(
      raw, [](void* p) { ::operator delete (p, std::align_val_t{kAlignment}); });
  data_ = raw;
}

Tensor::Tensor(TensorType type, std::shared_ptr<const void> storage, const std::byte* data)
    : type_(std::move(type)), storage_(std::move(storage)), data_(data) {}

Tensor Tensor::clone() const { return make_tensor(type_, data_); }

Tensor Tensor::with_type(TensorType type) const {
  if (type.bytes() != bytes())
    throw Error(StatusCode::internal, concat(type_.to_string(), " cannot be seen as ",
                                             type.to_string(), ": the sizes differ"));
  return Tensor(std::move(type), storage_, data_);
}

Tensor make_tensor(TensorType type, const void* source) {
  Tensor tensor(std::move(type));
  if (tensor.bytes() > 0) std::memcpy(tensor.mutable_data(), source, tensor.bytes());
  return tensor;
}

}  // namespace octet
