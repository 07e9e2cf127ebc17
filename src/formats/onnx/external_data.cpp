#include "formats/onnx/external_data.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <octet/status.hpp>
#include <optional>
#include <vector>

#include "base/file.hpp"
#include "base/format.hpp"

namespace octet::onnx {
namespace {

struct Location {
  std::string path;
  std::uint64_t offset = 0;
  std::optional<std::uint64_t> length;
};

std::uint64_t parse_number(const std::string& key, const std::string& text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size())
    throw Error(StatusCode::invalid_model,
                concat("external data has the ", key, " \"", text, "\", which is not a number"));
  return value;
}

Location location_of(const proto::TensorProto& tensor) {
  Location location;
  for (const auto& entry : tensor.external_data()) {
    if (entry.key() == "location") location.path = entry.value();
    if (entry.key() == "offset") location.offset = parse_number("offset", entry.value());
    if (entry.key() == "length") location.length = parse_number("length", entry.value());
  }
  return location;
}

// "a/b/c" as {"a", "b", "c"}.
std::vector<std::string> components(const std::string& path) {
  const auto refuse = [&](const char* why) {
    throw Error(StatusCode::invalid_model,
                concat("external data lies in \"", path, "\", which ", why), {},
                "external data must lie beneath the model's folder");
  };
  if (path.empty()) refuse("is empty");
  if (path.find('\0') != std::string::npos) refuse("holds a zero byte");
  if (path.front() == '/') refuse("is an absolute path");
  std::vector<std::string> parts;
  std::size_t begin = 0;
  while (begin <= path.size()) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    std::string part = path.substr(begin, end - begin);
    if (part == "..") refuse("leaves the model's folder");
    if (!part.empty() && part != ".") parts.push_back(std::move(part));
    begin = end + 1;
  }
  if (parts.empty()) refuse("names no file");
  return parts;
}

// Opens each folder on the way from the one before it, so that no link is followed.
Descriptor open_beneath(const std::string& folder, const std::string& path) {
  const std::vector<std::string> parts = components(path);
  Descriptor at(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  for (std::size_t i = 0; i < parts.size() && at.get() >= 0; ++i) {
    const int kind = i + 1 < parts.size() ? O_DIRECTORY : O_NONBLOCK;
    at = Descriptor(::openat(at.get(), parts[i].c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | kind));
  }
  if (at.get() < 0) {
    const int error = errno;
    if (error == ELOOP || error == ENOTDIR)
      throw Error(StatusCode::invalid_model,
                  concat("external data lies behind a symbolic link or no folder: \"", path, "\""));
    throw Error(StatusCode::io_error,
                concat("cannot open external data \"", path, "\": ", system_message(error)));
  }
  return at;
}

// Opens the file and makes sure that it holds `size` bytes at the tensor's offset.
Descriptor open_checked(const std::string& folder, const Location& location, std::size_t size) {
  if (location.length && *location.length != size)
    throw Error(StatusCode::invalid_model, concat("external data is ", *location.length,
                                                  " bytes long where the shape needs ", size));
  Descriptor file = open_beneath(folder, location.path);
  struct stat status {};
  if (::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode))
    throw Error(StatusCode::invalid_model,
                concat("external data \"", location.path, "\" is not a regular file"));
  const auto available = static_cast<std::uint64_t>(status.st_size);
  if (location.offset > available || size > available - location.offset)
    throw Error(StatusCode::invalid_model,
                concat("external data \"", location.path, "\" ends at byte ", available,
                       ", before byte ", location.offset, " + ", size));
  return file;
}

}  // namespace

ExternalData::ExternalData(bool allowed, const std::string& model_path)
    : allowed_(allowed), has_folder_(!model_path.empty()) {
  const std::size_t slash = model_path.rfind('/');
  folder_ = slash == std::string::npos ? "." : model_path.substr(0, slash + 1);
}

void ExternalData::check(const proto::TensorProto& tensor, std::size_t size) const {
  if (!allowed_)
    throw Error(StatusCode::unsupported, "the tensor is stored outside the model's file", {},
                "allow external data, or store the tensors inside the model");
  if (!has_folder_)
    throw Error(StatusCode::unsupported,
                "the tensor is stored beside the model's file, and the model is not a file");
  open_checked(folder_, location_of(tensor), size);
  budget_.spend(size);
}

void ExternalData::read(const proto::TensorProto& tensor, std::span<std::byte> out) const {
  const Location location = location_of(tensor);
  const Descriptor file = open_checked(folder_, location, out.size());
  std::size_t done = 0;
  while (done < out.size()) {
    const ::ssize_t count = ::pread(file.get(), out.data() + done, out.size() - done,
                                    static_cast<::off_t>(location.offset + done));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0)
      throw Error(StatusCode::io_error,
                  concat("cannot read external data \"", location.path,
                         "\": ", count == 0 ? "it became shorter" : system_message(errno)));
    done += static_cast<std::size_t>(count);
  }
}

}  // namespace octet::onnx
