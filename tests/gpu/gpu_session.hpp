// Sessions for tests of whole models on the GPU.
#pragma once

#include <octet/session.hpp>
#include <string>
#include <string_view>

namespace octet::test {

// Every way in which the CUDA backend may be told to lay out 8-bit convolutions.
inline constexpr std::string_view kGpuLayouts[] = {"auto", "nchw", "nchw4", "nchw32", "chwn4"};

inline Session gpu_session(const Model& model, std::string_view layout = "auto",
                           bool fast_run = false) {
  SessionOptions options;
  options.backend = "cuda";
  options.layout = layout;
  options.fast_run = fast_run;
  return Session::create(model, options).value();
}

inline Session reference_session(const Model& model) {
  SessionOptions options;
  options.backend = "reference";
  options.optimise = false;
  return Session::create(model, options).value();
}

}  // namespace octet::test
