#include "tuning/content.hpp"

#include <algorithm>
#include <cstring>

#include "base/random.hpp"

namespace octet {
namespace {

constexpr std::size_t kBlockBytes = std::size_t{1} << 20;

std::vector<std::byte> byte_block() {
  std::vector<std::byte> block(kBlockBytes);
  Random random(1);
  for (std::byte& byte : block) {
    const std::uint64_t bits = random.next();
    byte = (bits & 1) != 0 ? std::byte{0} : static_cast<std::byte>(bits >> 8 & 0x3f);
  }
  return block;
}

std::vector<std::byte> float_block() {
  std::vector<std::byte> block(kBlockBytes);
  Random random(2);
  for (std::size_t i = 0; i < block.size(); i += sizeof(float)) {
    const float value = static_cast<float>(2.0 * random.uniform() - 1.0);
    std::memcpy(block.data() + i, &value, sizeof(value));
  }
  return block;
}

const std::vector<std::byte>& block_for(DType dtype) {
  static const std::vector<std::byte> bytes = byte_block(), floats = float_block(),
                                      zeros(kBlockBytes);
  if (dtype == DType::f32) return floats;
  return size_of(dtype) == 1 ? bytes : zeros;
}

}  // namespace

void fill_plausibly(const Backend& backend, const TensorType& type, std::byte* to,
                    ExecutionContext& context) {
  const std::vector<std::byte>& block = block_for(type.dtype);
  const std::size_t total = type.bytes();
  std::size_t filled = std::min(total, block.size());
  backend.copy_in(to, block.data(), filled, context);
  while (filled < total) {
    const std::size_t more = std::min(filled, total - filled);
    backend.copy_within(to + filled, to, more, context);
    filled += more;
  }
}

}  // namespace octet
