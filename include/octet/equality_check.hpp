// Checks that a model file carries with it: which output must equal which expected value.
#pragma once

#include <octet/tensor.hpp>
#include <string>

namespace octet {

// MegEngine's AssertEqual. After a run, `output` must equal the tensor `expected` within
// max_error, by the formula of equality_error().
struct EqualityCheck {
  std::string name;      // of the operator in the file
  std::string expected;  // name under which a test case gives the expected value
  std::string output;    // name of a model output
  float max_error = 1e-4f;
  bool verbose = false;  // the file asks for the error to be printed
};

// max(|expect - got| / max(min(|expect|, |got|), 1)) over all elements, each as the number that is
// stored; NaN anywhere gives NaN. Throws Error(invalid_argument) when the shapes or dtypes differ.
float equality_error(const Tensor& expect, const Tensor& got);

}  // namespace octet
