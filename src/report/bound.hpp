// What keeps a run from being faster.
#pragma once

#include <cstdint>
#include <string>

namespace octet {

// What the device can do at most; 0: not known.
struct Peaks {
  double int8_macs_per_second = 0.0, bytes_per_second = 0.0;
};

struct RunCost {
  double total_ms = 0.0, exec_ms = 0.0, device_ms = 0.0;  // medians, as on an iter line
  double copies_ms = 0.0;  // of the copies inside the timed iterations
  std::int64_t macs = 0, bytes = 0;
};

// One sentence, or nothing where too little is known: copies between host and device, launching,
// memory (with the share of the bandwidth that operators need for their operands, each once), or
// multiply-accumulates (with the share of the peak).
std::string what_bounds(const RunCost& cost, const Peaks& peaks);

// The percentage of the device's int8 peak at which `macs` were done; 0 where nothing is known.
double peak_share(std::int64_t macs, double milliseconds, const Peaks& peaks);

}  // namespace octet
