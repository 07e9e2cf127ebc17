// An object of cuDNN's graph interface that frees itself.
#pragma once

#include <cstdint>
#include <vector>

#include "backends/cudnn/library.hpp"

namespace octet::cudnn {

// Set what it consists of, then finish() it. Throws Error as check() does.
class Descriptor {
 public:
  explicit Descriptor(cudnnBackendDescriptorType_t type) {
    check(library().create_descriptor(type, &raw_), "making a descriptor");
  }
  ~Descriptor() {
    if (raw_ != nullptr) static_cast<void>(library().destroy_descriptor(raw_));
  }
  Descriptor(Descriptor&& other) noexcept : raw_(std::exchange(other.raw_, nullptr)) {}
  Descriptor& operator=(Descriptor&&) = delete;

  cudnnBackendDescriptor_t raw() const noexcept { return raw_; }

  void set(cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type, std::int64_t count,
           const void* values) {
    check(library().set_attribute(raw_, name, type, count, values), "setting an attribute");
  }
  void set(cudnnBackendAttributeName_t name, const std::vector<std::int64_t>& values) {
    set(name, CUDNN_TYPE_INT64, static_cast<std::int64_t>(values.size()), values.data());
  }
  void set(cudnnBackendAttributeName_t name, std::int64_t value) {
    set(name, CUDNN_TYPE_INT64, 1, &value);
  }
  void set(cudnnBackendAttributeName_t name, cudnnDataType_t value) {
    set(name, CUDNN_TYPE_DATA_TYPE, 1, &value);
  }
  void set(cudnnBackendAttributeName_t name, const Descriptor& value) {
    set(name, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &value.raw_);
  }
  Descriptor& finish(const char* what) {
    check(library().finalize(raw_), what);
    return *this;
  }

 private:
  cudnnBackendDescriptor_t raw_ = nullptr;
};

}  // namespace octet::cudnn
