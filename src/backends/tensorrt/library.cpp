#include "backends/tensorrt/library.hpp"

#include <dlfcn.h>

#include <mutex>
#include <octet/status.hpp>
#include <vector>

#include "base/log.hpp"

namespace octet::tensorrt {
namespace {

// Sends TensorRT's messages to the library's listener. The last error is kept: calls that fail give
// nothing but a null pointer.
class Logger final : public nvinfer1::ILogger {
 public:
  void log(Severity severity, const char* message) noexcept override {
    try {
      if (severity <= Severity::kERROR) {
        const std::lock_guard lock(mutex_);
        last_error_ = message;
      }
      octet::log(level_of(severity), "TensorRT: ", message);
    } catch (...) {  // a message is not worth an end of the program
    }
  }
  std::string take_error() {
    const std::lock_guard lock(mutex_);
    return std::exchange(last_error_, {});
  }

 private:
  static LogLevel level_of(Severity severity) {
    if (severity <= Severity::kWARNING) return LogLevel::warning;
    return severity == Severity::kINFO ? LogLevel::info : LogLevel::debug;
  }
  std::mutex mutex_;
  std::string last_error_;
};

Logger& logger() {
  static Logger instance;
  return instance;
}

[[noreturn]] void missing(const std::string& what, const std::string& hint) {
  throw Error(StatusCode::unavailable, "TensorRT cannot be used: " + what, {}, hint);
}

// By the name that the headers' version has; TENSORRT_ROOT is looked at before the system's paths.
void* open(const std::string& base, const std::string& hint) {
  const std::string name = base + ".so." + std::to_string(NV_TENSORRT_MAJOR);
  std::vector<std::string> places{name};
  if (const char* root = std::getenv("TENSORRT_ROOT"))
    places.insert(places.begin(), concat(root, "/lib/", name));
  std::string reasons;
  for (const std::string& place : places) {
    if (void* handle = dlopen(place.c_str(), RTLD_NOW | RTLD_LOCAL)) return handle;
    reasons += concat(reasons.empty() ? "" : "; ", dlerror());
  }
  missing(concat(reasons, " (looked for ", join(places),
                 "; LD_LIBRARY_PATH and TENSORRT_ROOT "
                 "say where it is)"),
          hint);
}

template <typename Function>
void find(void* handle, const char* name, Function& function, const std::string& hint) {
  function = reinterpret_cast<Function>(dlsym(handle, name));
  if (function == nullptr) missing(concat("its library has no function ", name), hint);
}

Library load(const std::string& hint) {
  void* inference = open("libnvinfer", hint);
  void* parser = open("libnvonnxparser", hint);
  Library loaded;
  std::int32_t (*get_version)() = nullptr;
  find(inference, "getInferLibVersion", get_version, hint);
  find(inference, "createInferBuilder_INTERNAL", loaded.create_builder, hint);
  find(inference, "createInferRuntime_INTERNAL", loaded.create_runtime, hint);
  find(parser, "createNvOnnxParser_INTERNAL", loaded.create_parser, hint);
  const std::int32_t version = get_version();
  loaded.version = concat(version / 10000, ".", version / 100 % 100, ".", version % 100);
  if (version / 10000 != NV_TENSORRT_MAJOR)
    missing(
        concat("it is version ", loaded.version, ", and Octet was built for ", NV_TENSORRT_MAJOR),
        hint);
  return loaded;
}

}  // namespace

void fail(const std::string& what) {
  const std::string error = logger().take_error();
  throw Error(StatusCode::unavailable,
              concat("TensorRT: ", what, error.empty() ? "" : ": ", error));
}

const Library& library(const std::string& hint) {
  static const Library loaded = load(hint);  // after an exception the next call tries again
  return loaded;
}

std::unique_ptr<nvinfer1::IBuilder> Library::builder() const {
  return owned(static_cast<nvinfer1::IBuilder*>(create_builder(&logger(), NV_TENSORRT_VERSION)),
               "createInferBuilder");
}

std::unique_ptr<nvinfer1::IRuntime> Library::runtime() const {
  return owned(static_cast<nvinfer1::IRuntime*>(create_runtime(&logger(), NV_TENSORRT_VERSION)),
               "createInferRuntime");
}

std::unique_ptr<nvonnxparser::IParser> Library::parser(
    nvinfer1::INetworkDefinition& network) const {
  return owned(static_cast<nvonnxparser::IParser*>(
                   create_parser(&network, &logger(), NV_ONNX_PARSER_VERSION)),
               "createNvOnnxParser");
}

}  // namespace octet::tensorrt
