// Values of inputs that are made, not read.
#pragma once

#include <cstdint>
#include <octet/tensor.hpp>
#include <string>
#include <string_view>

namespace octet {

// "{2,3,4}": only the shape is given. Throws Error(invalid_input); `where` names the option.
Shape parse_shape(std::string_view text, const std::string& where);

// What MegEngine's tool feeds where only a shape is given: every byte is 1.
Tensor fill_bytes(const TensorType& type);

struct RandomRange {
  double lowest = 0.0, highest = 1.0;
  std::uint64_t seed = 0;
};

// "rand(lowest,highest,seed)". Throws Error(invalid_input).
RandomRange parse_random_range(std::string_view text, const std::string& where);

// Uniform in [lowest, highest): for integer types, stored integers in [lowest, highest]. The same
// on every platform, and the first images do not depend on how many follow. Throws
// Error(invalid_input) when the dtype cannot hold the range.
Tensor fill_random(const TensorType& type, const RandomRange& range, const std::string& where);

}  // namespace octet
