#include "formats/tensors/npy.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <octet/status.hpp>
#include <string_view>

#include "base/file.hpp"
#include "base/format.hpp"
#include "base/limits.hpp"
#include "formats/tensors/element_count.hpp"
#include "formats/tensors/npy_header.hpp"

namespace octet {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr std::size_t kAlignment = 64;  // of the payload, as NumPy writes it

struct Parts {
  std::string_view header;
  std::span<const std::byte> payload;
};

[[noreturn]] void fail(const std::string& what, const std::string& where) {
  throw Error(StatusCode::invalid_input, what, where);
}

std::string_view as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Magic, version (major, minor), length of the header (2 bytes in version 1, else 4), header.
Parts split(std::span<const std::byte> bytes, const std::string& where) {
  const std::size_t version_end = kMagic.size() + 2;
  if (!as_text(bytes).starts_with(kMagic)) fail("the file is not a .npy file", where);
  if (bytes.size() < version_end) fail("the .npy file ends within its version", where);
  const int major = std::to_integer<int>(bytes[kMagic.size()]);
  if (major < 1 || major > 3)
    throw Error(StatusCode::unsupported,
                concat("the .npy file has version ", major, "; readable are 1, 2 and 3"), where);

  const std::size_t width = major == 1 ? 2 : 4;
  if (bytes.size() < version_end + width)
    fail("the .npy file ends within its header's size", where);
  std::size_t length = 0;
  for (std::size_t i = width; i-- > 0;)
    length = length << 8 | std::to_integer<std::size_t>(bytes[version_end + i]);
  if (length > limits::kNpyHeaderBytes)
    throw Error(
        StatusCode::resource_exhausted,
        concat("the .npy header has ", length, " bytes; the limit is ", limits::kNpyHeaderBytes),
        where);
  const auto rest = bytes.subspan(version_end + width);
  if (rest.size() < length) fail("the .npy file ends within its header", where);
  return {as_text(rest.first(length)), rest.subspan(length)};
}

// Column-major source to row-major destination; `size` bytes an element.
void copy_fortran(const Shape& shape, std::size_t size, const std::byte* source,
                  std::byte* destination) {
  const std::size_t rank = shape.rank();
  std::array<std::size_t, Shape::kMaxRank> stride{}, index{};
  std::size_t count = 1;
  for (std::size_t axis = 0; axis < rank; ++axis) {
    stride[axis] = count;
    count *= static_cast<std::size_t>(shape[axis]);
  }
  std::size_t from = 0;
  for (std::size_t to = 0; to < count; ++to) {
    std::memcpy(destination + to * size, source + from * size, size);
    for (std::size_t axis = rank; axis-- > 0;) {
      from += stride[axis];
      const auto extent = static_cast<std::size_t>(shape[axis]);
      if (++index[axis] < extent) break;
      from -= stride[axis] * extent;
      index[axis] = 0;
    }
  }
}

void swap_bytes(std::byte* data, std::size_t bytes, std::size_t size) {
  for (std::size_t i = 0; i < bytes; i += size) std::reverse(data + i, data + i + size);
}

void append(std::vector<std::byte>& out, std::span<const std::byte> bytes) {
  out.insert(out.end(), bytes.begin(), bytes.end());
}

}  // namespace

Tensor read_npy(std::span<const std::byte> bytes, const std::string& where) {
  const Parts parts = split(bytes, where);
  const NpyHeader header = parse_npy_header(parts.header, where);
  const std::size_t needed =
      static_cast<std::size_t>(element_count(header.shape, where)) * size_of(header.dtype);
  if (parts.payload.size() != needed)
    fail(concat("the array ", to_string(header.dtype), header.shape.to_string(), " needs ", needed,
                " bytes, but ", parts.payload.size(), " follow the header"),
         where);

  Tensor tensor(TensorType{header.dtype, header.shape, kNCHW, std::nullopt});
  if (needed == 0) return tensor;
  std::byte* data = tensor.mutable_data();
  const std::size_t size = size_of(header.dtype);
  if (header.fortran_order && header.shape.rank() > 1)
    copy_fortran(header.shape, size, parts.payload.data(), data);
  else std::memcpy(data, parts.payload.data(), needed);
  if (header.swap_bytes) swap_bytes(data, needed, size);
  // Any other byte would be no value of the type.
  if (header.dtype == DType::boolean)
    std::transform(data, data + needed, data,
                   [](std::byte b) { return b == std::byte{0} ? b : std::byte{1}; });
  return tensor;
}

Tensor read_npy_file(const std::string& path) { return read_npy(read_file(path), path); }

std::vector<std::byte> write_npy(const Tensor& tensor) {
  if (!(tensor.type().layout == kNCHW))
    throw Error(StatusCode::internal, concat("a ", tensor.type().to_string(),
                                             " value must be brought into NCHW before it "
                                             "is written as .npy"));
  std::string header = format_npy_header(tensor.dtype(), tensor.shape());
  const std::size_t before = kMagic.size() + 2 + 2;
  const std::size_t unpadded = before + header.size() + 1;
  header.append((kAlignment - unpadded % kAlignment) % kAlignment, ' ');
  header += '\n';

  std::vector<std::byte> out;
  out.reserve(before + header.size() + tensor.bytes());
  append(out, std::as_bytes(std::span(kMagic)));
  const auto length = static_cast<unsigned>(header.size());
  for (const unsigned byte : {1u, 0u, length & 0xffu, length >> 8})
    out.push_back(static_cast<std::byte>(byte));
  append(out, std::as_bytes(std::span(header)));
  append(out, {tensor.data(), tensor.bytes()});
  return out;
}

void write_npy_file(const std::string& path, const Tensor& tensor) {
  write_file(path, write_npy(tensor));
}

}  // namespace octet
