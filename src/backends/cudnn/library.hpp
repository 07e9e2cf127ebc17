// libcudnn, loaded when it is first needed.
#pragma once

#include <cudnn_graph.h>

#include <cstddef>

#include "kernels/kernel.hpp"

namespace octet::cudnn {

struct Library {
  decltype(&cudnnCreate) create;
  decltype(&cudnnDestroy) destroy;
  decltype(&cudnnSetStream) set_stream;
  decltype(&cudnnGetVersion) version;
  decltype(&cudnnGetErrorString) error_string;
  decltype(&cudnnBackendCreateDescriptor) create_descriptor;
  decltype(&cudnnBackendDestroyDescriptor) destroy_descriptor;
  decltype(&cudnnBackendSetAttribute) set_attribute;
  decltype(&cudnnBackendGetAttribute) get_attribute;
  decltype(&cudnnBackendFinalize) finalize;
  decltype(&cudnnBackendExecute) execute;
};

// Why cuDNN cannot be used here, or accept(). Thread safe, as is library().
const Verdict& library_verdict();
const Library& library();  // throws Error(unavailable) when library_verdict() refuses

// Throws Error: unsupported where cuDNN cannot do what was asked, unavailable where it failed.
void check(cudnnStatus_t status, const char* what);

// A handle, for one stream at a time.
class Handle {
 public:
  Handle();
  ~Handle();
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  cudnnHandle_t get() const noexcept { return handle_; }

 private:
  cudnnHandle_t handle_ = nullptr;
};

}  // namespace octet::cudnn
