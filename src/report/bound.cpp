#include "report/bound.hpp"

#include "base/format.hpp"
#include "report/text_table.hpp"

namespace octet {
namespace {

double share(double work, double milliseconds, double peak_per_second) {
  if (peak_per_second <= 0.0 || milliseconds <= 0.0) return 0.0;
  return 100.0 * work / (milliseconds * 1e-3 * peak_per_second);
}

}  // namespace

double peak_share(std::int64_t macs, double milliseconds, const Peaks& peaks) {
  return share(static_cast<double>(macs), milliseconds, peaks.int8_macs_per_second);
}

std::string what_bounds(const RunCost& cost, const Peaks& peaks) {
  if (cost.copies_ms > cost.device_ms)
    return concat("bound by copies between host and device: ", fixed(cost.copies_ms), " ms beside ",
                  fixed(cost.device_ms), " ms of work");
  if (peaks.bytes_per_second <= 0.0 || cost.device_ms <= 0.0) return {};
  if (cost.exec_ms > cost.device_ms)
    return concat("bound by launching: it takes the host ", fixed(cost.exec_ms), " ms, the device ",
                  fixed(cost.device_ms), " ms");
  const double of_peak = peak_share(cost.macs, cost.device_ms, peaks);
  const double of_bandwidth =
      share(static_cast<double>(cost.bytes), cost.device_ms, peaks.bytes_per_second);
  return concat("bound by ", of_bandwidth > of_peak ? "memory" : "multiply-accumulates", ": ",
                fixed(of_peak, 1), "% of the device's int8 peak, operands at ",
                fixed(of_bandwidth, 1), "% of its memory bandwidth");
}

}  // namespace octet
