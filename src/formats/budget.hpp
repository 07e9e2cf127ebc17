// A bound on what a file may make its reader copy. FlatBuffers let many tables share one string or
// one vector, and ONNX many tensors one range of another file, so without it a small file could ask
// for any amount of memory.
#pragma once

#include <cstdint>
#include <octet/status.hpp>

#include "base/format.hpp"

namespace octet {

class Budget {
 public:
  Budget(const char* what, std::uint64_t bytes) : what_(what), total_(bytes), left_(bytes) {}

  // Throws Error(resource_exhausted) once the sum passes the bound.
  void spend(std::uint64_t bytes) {
    if (bytes > left_)
      throw Error(StatusCode::resource_exhausted,
                  concat(what_, " need more than ", total_, " bytes"));
    left_ -= bytes;
  }

 private:
  const char* what_;
  std::uint64_t total_, left_;
};

}  // namespace octet
