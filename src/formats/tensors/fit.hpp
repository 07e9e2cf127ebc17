// Brings data from outside into the form that an input of a model takes, or says why it cannot.
#pragma once

#include <octet/tensor.hpp>
#include <string>

#include "formats/tensors/picture.hpp"

namespace octet {

struct ModelInput {
  std::string name;
  TensorType type;  // as the model has it now, in the default layout
};

struct InputOptions {
  // Pictures only: the first and the third of three or four channels change places (RGB to BGR).
  bool swap_channels = false;
  // Above 0: axis 0 gets this extent, by repeating the data from its start, or by its first images.
  std::int64_t batch_size = 0;
  // The data may have other extents than the model's input on all axes (the rank stays), as in
  // MegEngine, where the data's shape replaces the dumped one. Otherwise only axis 0 may differ.
  bool allow_other_extents = false;
};

// The functions below throw Error(invalid_input) with `where` (a file or an option) and one
// sentence that names both sides.

// HWC bytes to {1,C,H,W} of the input's dtype; a quantised input gets the bytes as its stored
// integers. Grey is repeated only where the input has three channels.
Tensor fit_picture(const Picture& picture, const ModelInput& input, const InputOptions& options,
                   const std::string& where);

// Numbers, converted to the input's dtype if every one of them is representable in it: between
// integer types, between float types, from integers to floats.
Tensor fit_numbers(const Tensor& data, const ModelInput& input, const InputOptions& options,
                   const std::string& where);

// The type that data of this shape takes at the input.
TensorType fit_shape(const Shape& shape, const ModelInput& input, const InputOptions& options,
                     const std::string& where);

// Axis 0 brought to `batch_size` as InputOptions says; 0 leaves the tensor as it is.
Tensor repeat_batch(const Tensor& tensor, std::int64_t batch_size, const ModelInput& input,
                    const std::string& where);

}  // namespace octet
