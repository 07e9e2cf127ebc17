// Numbers written on the command line.
#pragma once

#include <octet/tensor.hpp>
#include <string>
#include <string_view>

namespace octet {

// "[[1,2],[3,4]]": s32, or f32 when the text contains a '.'. By MegEngine's rule a list of things
// is an axis whether or not a bracket stands around it, so "0,1,2,3" is {4}, "[0,1,2,3]" is {1,4}
// and
// "[1,2],[3,4]" is {2,2}. Throws Error: invalid_input for broken or ragged text, unsupported above
// rank 8. `where` names the option.
Tensor read_inline_numbers(std::string_view text, const std::string& where);

}  // namespace octet
