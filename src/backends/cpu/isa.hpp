// Which vector instructions this CPU has. Kernels are compiled for each and chosen at run time.
#pragma once

#include <cstdint>
#include <string_view>

namespace octet::cpu {

enum class Isa : std::uint8_t {
  avx2,         // 256-bit vectors; byte products through 16-bit ones, exact
  avx512_vnni,  // 512-bit vectors with byte dot products
};

std::string_view to_string(Isa isa) noexcept;
bool has(Isa isa) noexcept;  // this CPU, and the system saves its registers

}  // namespace octet::cpu
