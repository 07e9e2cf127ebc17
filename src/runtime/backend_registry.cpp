#include "runtime/backend_registry.hpp"

#include <array>

#include "backends/reference/backend.hpp"
#include "base/format.hpp"
#ifdef OCTET_HAS_CPU_KERNELS
#include "backends/cpu/backend.hpp"
#endif
#ifdef OCTET_HAS_ONEDNN
#include "backends/onednn/backend.hpp"
#endif
#ifdef OCTET_HAS_CUDA
#include "backends/cuda/backend.hpp"
#endif
#ifdef OCTET_HAS_CUDNN
#include "backends/cudnn/rows.hpp"
#endif

namespace octet {
namespace {

// Names that some build knows. A build without one of them can say so instead of "unknown".
constexpr std::array<std::string_view, 4> kNames{"cuda", "cpu", "onednn", "reference"};

#ifdef OCTET_HAS_CUDA
// Libraries whose kernels are asked after the backend's own.
std::vector<KernelSource> cuda_libraries() {
#ifdef OCTET_HAS_CUDNN
  return {cudnn::kernels};
#else
  return {};
#endif
}
#endif

class Registry {
 public:
  Registry() {
#ifdef OCTET_HAS_CUDA
    add(make_cuda_backend(cuda_libraries()), {});
#endif
    auto reference = make_reference_backend();
    add_host_backends(*reference);
    add(std::move(reference), {});
  }

  std::span<const BackendEntry> entries() const { return entries_; }

 private:
  // Each begins with its own kernels and falls back on the other's before the reference.
  void add_host_backends(const Backend& reference) {
    std::vector<std::unique_ptr<Backend>> hosts;
#ifdef OCTET_HAS_CPU_KERNELS
    hosts.push_back(make_cpu_backend());
#endif
#ifdef OCTET_HAS_ONEDNN
    hosts.push_back(make_onednn_backend());
#endif
    std::vector<std::vector<const Backend*>> fallbacks(hosts.size());
    for (std::size_t i = 0; i < hosts.size(); ++i) {
      for (const auto& other : hosts)
        if (other != hosts[i] && other->available().ok()) fallbacks[i].push_back(other.get());
      fallbacks[i].push_back(&reference);
    }
    for (std::size_t i = 0; i < hosts.size(); ++i) add(std::move(hosts[i]), fallbacks[i]);
  }

  const Backend* add(std::unique_ptr<Backend> backend, std::vector<const Backend*> fallbacks) {
    const Backend* raw = owned_.emplace_back(std::move(backend)).get();
    fallbacks.insert(fallbacks.begin(), raw);
    entries_.push_back({raw, std::move(fallbacks)});
    return raw;
  }

  std::vector<std::unique_ptr<Backend>> owned_;
  std::vector<BackendEntry> entries_;
};

}  // namespace

std::span<const BackendEntry> all_backends() {
  static const Registry registry;
  return registry.entries();
}

const BackendEntry& find_backend(std::string_view name) {
  for (const BackendEntry& entry : all_backends()) {
    const bool asked = entry.backend->name() == name;
    if (!asked && name != "auto") continue;
    const Verdict available = entry.backend->available();
    if (available.ok()) return entry;
    if (asked)
      throw Error(StatusCode::unavailable,
                  concat("the ", name, " backend cannot run here: ", available.reason()));
  }
  for (const std::string_view known : kNames)
    if (known == name)
      throw Error(StatusCode::unavailable,
                  concat("this program was built without the ", name, " backend"));
  throw Error(StatusCode::invalid_argument, concat("there is no backend \"", name, "\""), {},
              concat("the backends are auto, ", join(kNames)));
}

}  // namespace octet
