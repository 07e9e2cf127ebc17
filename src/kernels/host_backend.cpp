#include "kernels/host_backend.hpp"

#include <algorithm>
#include <cstring>
#include <new>

#include "base/cpu_name.hpp"
#include "base/format.hpp"
#include "kernels/host_context.hpp"

namespace octet {
namespace {

constexpr std::align_val_t kAlignment{256};

}  // namespace

DeviceIdentity HostBackend::identity() const {
  return {cpu_name(), "", "", concat(name(), " ", description())};
}

std::unique_ptr<ExecutionContext> HostBackend::make_context(const Demands& demands) const {
  return std::make_unique<HostContext>(demands.threads);
}

std::shared_ptr<std::byte> HostBackend::allocate(std::size_t bytes) const {
  void* raw = ::operator new(std::max<std::size_t>(bytes, 1), kAlignment, std::nothrow);
  if (raw == nullptr)
    throw Error(StatusCode::resource_exhausted,
                concat("the system has no ", bytes, " bytes of memory left"), {},
                "use a smaller batch");
  return {static_cast<std::byte*>(raw), [](std::byte* p) { ::operator delete(p, kAlignment); }};
}

void HostBackend::copy_in(std::byte* to, const std::byte* from_host, std::size_t bytes,
                          ExecutionContext&) const {
  if (bytes > 0) std::memcpy(to, from_host, bytes);
}

void HostBackend::copy_out(std::byte* to_host, const std::byte* from, std::size_t bytes,
                           ExecutionContext&) const {
  if (bytes > 0) std::memcpy(to_host, from, bytes);
}

void HostBackend::copy_within(std::byte* to, const std::byte* from, std::size_t bytes,
                              ExecutionContext&) const {
  if (bytes > 0) std::memcpy(to, from, bytes);
}

void HostBackend::synchronise(ExecutionContext&) const {}

}  // namespace octet
