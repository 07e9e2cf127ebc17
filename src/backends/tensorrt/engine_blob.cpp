#include "backends/tensorrt/engine_blob.hpp"

#include <algorithm>
#include <octet/status.hpp>

namespace octet::tensorrt {

// Lines "in <name>" and "out <name>", an empty line, the plan. No name of an ONNX tensor that we
// write holds a line break.
std::vector<std::byte> pack(const EngineBlob& blob) {
  std::string header;
  for (const std::string& name : blob.inputs) header += "in " + name + '\n';
  for (const std::string& name : blob.outputs) header += "out " + name + '\n';
  header += '\n';
  const auto* data = reinterpret_cast<const std::byte*>(header.data());
  std::vector<std::byte> bytes(data, data + header.size());
  bytes.insert(bytes.end(), blob.plan.begin(), blob.plan.end());
  return bytes;
}

EngineBlob unpack(std::span<const std::byte> bytes) {
  EngineBlob blob;
  for (;;) {
    const auto end = std::find(bytes.begin(), bytes.end(), std::byte{'\n'});
    if (end == bytes.end()) break;
    std::string line;
    for (auto byte = bytes.begin(); byte != end; ++byte) line += static_cast<char>(*byte);
    bytes = bytes.subspan(line.size() + 1);
    if (line.starts_with("in ")) blob.inputs.push_back(line.substr(3));
    else if (line.starts_with("out ")) blob.outputs.push_back(line.substr(4));
    else if (line.empty()) return blob.plan = bytes, blob;
    else break;
  }
  throw Error(StatusCode::invalid_input, "these are not the bytes of an engine");
}

}  // namespace octet::tensorrt
