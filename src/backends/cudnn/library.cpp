#include "backends/cudnn/library.hpp"

#include <dlfcn.h>

#include "base/format.hpp"

namespace octet::cudnn {
namespace {

constexpr const char* kName = "libcudnn.so.9";

struct Loaded {
  Library functions{};
  Verdict verdict = Verdict::accept();
};

template <typename Function>
bool find(void* handle, const char* name, Function& function) {
  function = reinterpret_cast<Function>(dlsym(handle, name));
  return function != nullptr;
}

Loaded load() {
  Loaded loaded;
  void* handle = dlopen(kName, RTLD_NOW | RTLD_LOCAL);  // stays open: plans live to the end
  if (handle == nullptr) {
    loaded.verdict = Verdict::refuse(concat("cuDNN is not installed (", kName, " was not found)"));
    return loaded;
  }
  Library& f = loaded.functions;
  const bool complete =
      find(handle, "cudnnCreate", f.create) && find(handle, "cudnnDestroy", f.destroy) &&
      find(handle, "cudnnSetStream", f.set_stream) && find(handle, "cudnnGetVersion", f.version) &&
      find(handle, "cudnnGetErrorString", f.error_string) &&
      find(handle, "cudnnBackendCreateDescriptor", f.create_descriptor) &&
      find(handle, "cudnnBackendDestroyDescriptor", f.destroy_descriptor) &&
      find(handle, "cudnnBackendSetAttribute", f.set_attribute) &&
      find(handle, "cudnnBackendGetAttribute", f.get_attribute) &&
      find(handle, "cudnnBackendFinalize", f.finalize) &&
      find(handle, "cudnnBackendExecute", f.execute);
  if (!complete) loaded.verdict = Verdict::refuse(concat(kName, " lacks the graph functions"));
  return loaded;
}

const Loaded& loaded() {
  static const Loaded result = load();
  return result;
}

}  // namespace

const Verdict& library_verdict() { return loaded().verdict; }

const Library& library() {
  if (!library_verdict())
    throw Error(StatusCode::unavailable, library_verdict().reason(), "cuDNN",
                "everything runs without it");
  return loaded().functions;
}

void check(cudnnStatus_t status, const char* what) {
  if (status == CUDNN_STATUS_SUCCESS) return;
  const bool unsupported = status >= CUDNN_STATUS_NOT_SUPPORTED && status < 4000;
  throw Error(unsupported ? StatusCode::unsupported : StatusCode::unavailable,
              concat("cuDNN: ", what, " failed: ", library().error_string(status)), "GPU");
}

Handle::Handle() { check(library().create(&handle_), "making a handle"); }
// The driver may already be gone at process exit: errors of a destructor have no reader.
Handle::~Handle() { static_cast<void>(library().destroy(handle_)); }

}  // namespace octet::cudnn
