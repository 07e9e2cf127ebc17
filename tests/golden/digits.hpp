// The pictures of tests/data/digits and what MegEngine says of them.
#pragma once

#include <octet/tensor.hpp>
#include <string>

namespace octet::test {

Tensor read_digits(const std::string& name);  // NAME.npy of that folder

// All 360 pictures as the network takes them: every pixel of the 8x8 ones becomes a 4x4 square in
// three equal channels.
Tensor digits_input();

}  // namespace octet::test
