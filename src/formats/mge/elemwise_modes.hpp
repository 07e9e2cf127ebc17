// The elementwise functions that MegEngine and Octet have in common, with the same operands.
#pragma once

#include <params_generated.h>

#include <optional>

#include "ops/elementwise.hpp"

namespace octet::mge {

std::optional<ElementwiseMode> same_function(fbs::ElemwiseMode mode);
std::optional<fbs::ElemwiseMode> same_function(ElementwiseMode mode);

}  // namespace octet::mge
