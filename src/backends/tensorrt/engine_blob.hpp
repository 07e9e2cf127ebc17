// What is kept of a built engine: the plan, and how its inputs and outputs are called in it.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace octet::tensorrt {

struct EngineBlob {
  std::vector<std::string> inputs, outputs;  // in the order of the sub-graph's
  std::span<const std::byte> plan;           // of bytes that somebody else owns
};

std::vector<std::byte> pack(const EngineBlob& blob);
// Throws Error(invalid_input) for bytes that pack() did not make.
EngineBlob unpack(std::span<const std::byte> bytes);

}  // namespace octet::tensorrt
