#include "backends/cpu_rows.hpp"

#include <gtest/gtest.h>

#include "backends/cpu/backend.hpp"
#include "backends/cpu/isa.hpp"

namespace octet::testing {

const Backend& cpu_backend() {
  static const std::unique_ptr<Backend> backend = make_cpu_backend();
  return *backend;
}

std::vector<const Kernel*> cpu_rows(std::initializer_list<std::string_view> kinds) {
  std::vector<const Kernel*> rows;
  for (const std::string_view kind : kinds)
    for (const Kernel& kernel : cpu_backend().kernels(kind)) rows.push_back(&kernel);
  return rows;
}

bool can_run(const Kernel& row) {
  if (row.name.ends_with("avx512vnni")) return cpu::has(cpu::Isa::avx512_vnni);
  return !row.name.ends_with("avx2") || cpu::has(cpu::Isa::avx2);
}

void expect_row_bits(const Kernel& row, const std::function<Case(Random&)>& draw,
                     const Layout& inputs, const Layout& outputs) {
  int accepted = 0;
  for_seeds([&](Random& random) {
    const Case c = draw(random);
    const int threads = random.chance(0.2) ? 3 : 1;
    if (expect_reference_bits(cpu_backend(), row, c, inputs, outputs, threads)) ++accepted;
  });
  EXPECT_EQ(accepted > 5, can_run(row)) << accepted << " problems were accepted by " << row.name;
}

}  // namespace octet::testing
