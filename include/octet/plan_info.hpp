// What a plan consists of, in words and numbers: for reports and for curious callers.
#pragma once

#include <cstdint>
#include <octet/tensor.hpp>
#include <optional>
#include <string>
#include <vector>

namespace octet {

// A kernel that was considered for a step, in the order of the backend's list.
struct KernelInfo {
  std::string name;
  std::string backend;
  std::string refusal;                 // why it cannot or may not run here; empty: it could
  std::optional<double> milliseconds;  // where the search for the fastest timed it
};

// A layout that was open to an operator when layouts were chosen by time.
struct LayoutInfo {
  std::string layout;  // "NHWC4"; "NCHW-NHWC4" where it reads one and writes the other
  // Of the fastest kernel; with `is_bound` only a time that it could not be below, for which it was
  // not worth measuring. Absent: nobody asked.
  std::optional<double> milliseconds;
  bool is_bound = false;
};

// One operator as it runs.
struct StepInfo {
  std::string name;     // of the node, as in the file where the file names it
  std::string op;       // "conv2d"
  std::string problem;  // operator, attributes and types: what the kernel was asked to do
  std::string kernel;
  std::string backend;
  std::vector<KernelInfo> candidates;
  // The layout it runs in, then the others, the fastest first; empty where nobody chose.
  std::vector<LayoutInfo> layouts;
  std::vector<TensorType> inputs;          // of an absent input: a scalar
  std::vector<TensorInfo> outputs;         // with the file's names of the values where it has them
  std::vector<std::int32_t> input_values;  // numbers of the values; -1: the input is absent
  std::vector<std::int32_t> output_values;
  std::int64_t macs = 0;   // multiply-accumulates; 0 for operators without products
  std::int64_t bytes = 0;  // read and written at least once
};

// Bytes. The arena holds every value between the inputs and the results, and workspaces.
struct MemoryInfo {
  std::size_t arena = 0;
  std::size_t least = 0;   // what is alive at once at most: no arena can be smaller
  std::size_t values = 0;  // what the arena would be if nothing shared memory
  std::size_t inputs = 0;
  std::size_t constants = 0;  // as read by kernels at run time, packed weights not counted
};

struct PlanInfo {
  std::vector<TensorInfo> inputs, outputs;
  std::vector<std::int32_t> input_values, output_values;  // numbers as in StepInfo
  std::vector<StepInfo> steps;
  MemoryInfo memory;
};

}  // namespace octet
