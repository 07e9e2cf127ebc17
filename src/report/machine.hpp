// The machine a measurement was made on.
#pragma once

#include <cstddef>
#include <string>

namespace octet {

struct Machine {
  std::string cpu;         // as /proc/cpuinfo names the model; may be empty
  unsigned cores = 0;      // logical ones that this process may use
  std::size_t memory = 0;  // bytes
  std::string system;      // "Linux 6.1.0"
};

Machine this_machine();

// The most memory this process had at one time, in bytes; 0 where the system does not say.
std::size_t peak_resident_bytes();

}  // namespace octet
