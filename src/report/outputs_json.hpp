// The list of output files that --output-npy leaves beside them.
#pragma once

#include <octet/tensor.hpp>
#include <span>
#include <string>

namespace octet {

// [{"name", "file", "dtype", "shape", "scale", "zero_point"}, ...] in the order of the outputs; the
// last two only for quantised ones (lists where there is one per channel). files[i] holds
// outputs[i].
std::string outputs_json(const NamedTensors& outputs, std::span<const std::string> files);

}  // namespace octet
