// The file in which measured kernel times are kept (SessionOptions::tuning_cache).
#pragma once

#include <octet/status.hpp>
#include <string>
#include <vector>

namespace octet {

struct TunedKernel {
  std::string name;
  double milliseconds = 0.0;  // infinity: considered, but it could not run or was not reached
};

// What is known of one problem on one device. Choices of layouts stand among the problems, as
// "layouts of graph ..." with one kernel, whose name tells the layout of each operator in turn.
struct TunedProblem {
  std::string device, capability, driver, library;
  std::string problem;
  std::vector<TunedKernel> kernels;  // fastest first
};

// Checks the whole file and reads it; never changes it. Fails with invalid_input where the file is
// damaged, foreign or of another version, and with io_error where it cannot be read.
Result<std::vector<TunedProblem>> read_tuning_cache(const std::string& path);

// Forgets everything in it. Fails as above; a file that is no tuning cache is left as it is.
Status clear_tuning_cache(const std::string& path);

}  // namespace octet
