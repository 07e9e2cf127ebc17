// The cases of tests/data/megengine: which files there are and what each must give.
#pragma once

#include <map>
#include <octet/tensor.hpp>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "ir/graph.hpp"

namespace octet::test {

// How a result may differ from the expected one: not at all, by absolute + relative * |expected|,
// or by the step of the last quantisation in the graph.
struct Tolerance {
  bool exact = true;
  bool one_step = false;
  double absolute = 0, relative = 0;
};

struct GoldenCase {
  std::string folder;  // below tests/data
  std::string name, file;
  std::vector<std::string> inputs;
  std::size_t outputs = 1;
  std::optional<int> second_batch;
  std::string fused_output;  // a file that replaces the case's own output, or empty
  Tolerance tolerance;
};

std::ostream& operator<<(std::ostream& out, const GoldenCase& test);  // the file's name

std::vector<GoldenCase> golden_cases(const std::string& folder);

// The values for one run, by input name. `batch` is empty for the dumped one.
std::map<std::string, Tensor> golden_inputs(const GoldenCase& test, std::optional<int> batch = {});
std::vector<Tensor> golden_outputs(const GoldenCase& test, std::optional<int> batch = {});

// An empty string, or how `got` differs. `step` is the scale that one_step allows.
std::string difference(const Tensor& got, const Tensor& want, const Tolerance& tolerance,
                       float step = 0.0f);

// The scale before the conversion to Float32 that gives an output; 0: there is none.
float last_step(const Graph& graph, ValueId output);

// Below tests/data, or below the folder that the environment variable OCTET_TEST_DATA names: tests
// also run on machines without the sources.
std::string data_path(const std::string& name);

}  // namespace octet::test
