// Measured times that outlive the process.
#pragma once

#include <map>
#include <string>

#include "kernels/backend.hpp"

namespace octet {

// Milliseconds by kernel name; infinity: considered, but it could not run or was not reached.
using KernelTimes = std::map<std::string, double>;

struct TuningKey {
  DeviceIdentity identity;
  std::string problem;
};

// Never fails: what cannot be read is unknown, what cannot be written is forgotten. Thread safe.
class TuningStore {
 public:
  virtual ~TuningStore() = default;
  virtual KernelTimes load(const TuningKey& key) = 0;
  virtual void save(const TuningKey& key, const KernelTimes& times) = 0;
};

}  // namespace octet
