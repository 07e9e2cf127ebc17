#include "report/machine.hpp"

#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <thread>

#include "base/cpu_name.hpp"

namespace octet {
Machine this_machine() {
  Machine machine;
  machine.cpu = cpu_name();
  machine.cores = std::thread::hardware_concurrency();
  const long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
  if (pages > 0 && page > 0)
    machine.memory = static_cast<std::size_t>(pages) * static_cast<std::size_t>(page);
  utsname system{};
  if (uname(&system) == 0) machine.system = std::string(system.sysname) + " " + system.release;
  return machine;
}

std::size_t peak_resident_bytes() {
  rusage usage{};
  if (getrusage(RUSAGE_SELF, &usage) != 0) return 0;
  return static_cast<std::size_t>(usage.ru_maxrss) * 1024;
}

}  // namespace octet
