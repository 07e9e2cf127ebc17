// The rows of our CPU kernels, as test parameters.
#pragma once

#include "support/random_case.hpp"

namespace octet::testing {

const Backend& cpu_backend();
// Every row of these operator kinds.
std::vector<const Kernel*> cpu_rows(std::initializer_list<std::string_view> kinds);
// Whether this CPU has the instructions that the row's name ends with.
bool can_run(const Kernel& row);

// Draws cases for about half a second and compares those that the row accepts with the reference;
// some with three threads. Fails unless enough are accepted where the CPU can run the row.
void expect_row_bits(const Kernel& row, const std::function<Case(Random&)>& draw,
                     const Layout& inputs, const Layout& outputs);

}  // namespace octet::testing
