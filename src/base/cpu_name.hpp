// The processor's name.
#pragma once

#include <string>

namespace octet {

// As /proc/cpuinfo names the model; may be empty.
std::string cpu_name();

}  // namespace octet
