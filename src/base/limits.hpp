// The limits on everything that comes from outside. Exceeding one is `resource_exhausted`.
#pragma once

#include <cstddef>
#include <cstdint>

namespace octet::limits {

inline constexpr std::uint64_t kFileBytes = std::uint64_t{2} << 30;
inline constexpr std::size_t kNodes = 100'000;
inline constexpr std::size_t kValues = 400'000;
inline constexpr std::size_t kNameBytes = 64 * 1024;
inline constexpr std::size_t kAttributeItems = 1'000'000;
inline constexpr std::int64_t kExtent = (std::int64_t{1} << 31) - 1;  // one axis
inline constexpr std::int64_t kElements = std::int64_t{1} << 31;      // one tensor
inline constexpr std::size_t kSubgraphDepth = 16;                     // ONNX: If inside If
inline constexpr std::size_t kMessageObjects = 4'000'000;             // ONNX: parts of all messages
inline constexpr std::size_t kNpyHeaderBytes = 10'000;
inline constexpr std::int64_t kImagePixels = 64ll * 1024 * 1024;

}  // namespace octet::limits
