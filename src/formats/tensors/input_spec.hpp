// The --input option: which value goes to which input of a model.
//
//   spec  := part { ";" part }            empty parts are skipped
//   part  := [ name ":" ] value           without a name: "data", or the model's only input
//   value := path ending in .npy, .json, .ppm, .pgm, .png, .jpg or .jpeg
//          | numbers: 0,1,2 or [[1,2],[3,4]]      see inline_numbers.hpp
//          | {1,3,224,224}                        only the shape; every byte is 1
//          | rand(lowest,highest,seed)            of the model's shape
//
// A name ends at the first ':', unless the model has an input whose name goes further. A .json file
// names its tensors itself.
#pragma once

#include <map>
#include <octet/tensor.hpp>
#include <span>
#include <string>

#include "formats/tensors/fit.hpp"

namespace octet {

// Reads everything that the given --input texts name and brings it into the form of the model's
// inputs: a value for every input, by name. Throws Error: invalid_argument when names are unknown,
// doubled or missing, invalid_input when a value does not fit, and what the readers throw.
std::map<std::string, Tensor> read_inputs(std::span<const std::string> specs,
                                          std::span<const ModelInput> inputs,
                                          const InputOptions& options = {});

}  // namespace octet
