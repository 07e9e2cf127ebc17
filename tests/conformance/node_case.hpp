// One directory of ONNX's node tests: a model, and inputs with the outputs they must give.
#pragma once

#include <string>
#include <vector>

namespace octet::testing {

// The names of all directories in `folder`, sorted.
std::vector<std::string> node_cases(const std::string& folder);

// Empty when every data set of the case gives the expected outputs: integers exactly, floats within
// 1e-7 + 1e-3 * |expected|. Otherwise one line that says what went wrong. With `rewrite` the model
// is written and read again before it runs.
std::string run_node_case(const std::string& directory, bool rewrite = false);

}  // namespace octet::testing
