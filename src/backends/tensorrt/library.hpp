// TensorRT and its ONNX parser, loaded when they are first asked for.
#pragma once

#include <NvInfer.h>
#include <NvOnnxParser.h>

#include <memory>
#include <string>

namespace octet::tensorrt {

// The functions that the libraries export for C. Their headers wrap them in others that would have
// to be linked.
struct Library {
  std::string version;  // "10.16.1"
  void* (*create_builder)(void* logger, std::int32_t version) = nullptr;
  void* (*create_runtime)(void* logger, std::int32_t version) = nullptr;
  void* (*create_parser)(void* network, void* logger, int version) = nullptr;

  std::unique_ptr<nvinfer1::IBuilder> builder() const;
  std::unique_ptr<nvinfer1::IRuntime> runtime() const;
  std::unique_ptr<nvonnxparser::IParser> parser(nvinfer1::INetworkDefinition& network) const;
};

// Throws Error(unavailable), with what was looked for and where; `hint` says what else can be done.
// Thread safe.
const Library& library(const std::string& hint = {});

// Throws Error(unavailable) with this and what TensorRT said last.
[[noreturn]] void fail(const std::string& what);

// What a call gave; fails where that is nothing.
template <typename T>
std::unique_ptr<T> owned(T* object, const char* call) {
  if (object == nullptr) fail(std::string(call) + " gave nothing");
  return std::unique_ptr<T>(object);
}

}  // namespace octet::tensorrt
