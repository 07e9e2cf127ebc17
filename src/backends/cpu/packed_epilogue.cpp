#include "backends/cpu/packed_epilogue.hpp"

#include "base/format.hpp"

namespace octet::cpu {

Verdict check_epilogue_types(const TensorType& y, const TensorType* z) {
  const bool bytes = y.is_quantised() && (y.dtype == DType::s8 || y.dtype == DType::u8);
  if (!bytes && y.dtype != DType::s32 && y.dtype != DType::f32)
    return Verdict::refuse(
        concat("the output is ", to_string(y.dtype), ", not s8, u8, s32 or f32"));
  if (z != nullptr && z->dtype != DType::s8 && z->dtype != DType::u8)
    return Verdict::refuse(concat("z is ", to_string(z->dtype), ", not s8 or u8"));
  return Verdict::accept();
}

PackedEpilogue pack_epilogue(Epilogue epilogue, const TensorType& y, const TensorType* z) {
  PackedEpilogue packed;
  const std::size_t padded = epilogue.ibias.size() + PackedEpilogue::kPadding;
  epilogue.ibias.resize(padded, 0);
  epilogue.m.resize(padded, 0.0f);
  epilogue.fbias.resize(padded, 0.0f);
  if (epilogue.sum_output) packed.store = Store::s32;
  else if (epilogue.float_output) packed.store = Store::f32;
  else packed.store = y.dtype == DType::u8 ? Store::u8 : Store::s8;
  packed.z_signed = z == nullptr || z->dtype == DType::s8;
  packed.mid_signed = epilogue.mid.lowest < 0.0f;
  packed.epilogue = std::move(epilogue);
  return packed;
}

PackedEpilogue pack_shifted_epilogue(Epilogue epilogue, const TensorType& y, const TensorType* z,
                                     std::span<const std::int32_t> weight_sums, int shift) {
  // Sums wrap like the vector instructions' do; only the total has to fit.
  for (std::size_t k = 0; shift != 0 && k < weight_sums.size(); ++k)
    epilogue.ibias[k] = wrapping_add(epilogue.ibias[k], -shift * weight_sums[k]);
  return pack_epilogue(std::move(epilogue), y, z);
}

}  // namespace octet::cpu
