// Tensors in JSON, as MegEngine's load_and_run takes them.
#pragma once

#include <cstddef>
#include <map>
#include <octet/tensor.hpp>
#include <span>
#include <string>

namespace octet {

// {"name": {"shape": [2, 3], "type": "float32", "raw": [1, 2.5, ...]}, ...}. The types are float32
// (or float), int32 (or int), int8 and uint8; `raw` is flat and row-major. A fraction given for an
// integer type is rounded half away from zero. Throws Error: invalid_input for anything else (a
// nesting deeper than this form has included), unsupported for other types, resource_exhausted past
// the limits. `where` names the file.
std::map<std::string, Tensor> read_json_tensors(std::span<const std::byte> bytes,
                                                const std::string& where);

}  // namespace octet
