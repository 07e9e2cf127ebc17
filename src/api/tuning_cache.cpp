#include <algorithm>
#include <filesystem>
#include <octet/tuning_cache.hpp>

#include "api/guard.hpp"
#include "tuning/tuning_file.hpp"

namespace octet {
namespace {

// Opens the file, which must exist, and turns what is wrong with it into an Error.
template <typename Work>
auto with_file(const std::string& path, Database::Access access, const Work& work) {
  return guarded([&] {
    std::error_code error;
    if (!std::filesystem::exists(path, error))
      throw Error(StatusCode::io_error, "there is no such file", path);
    try {
      TuningFile file(path, access);
      return work(file);
    } catch (const DatabaseError& failure) {
      const bool content = failure.kind() == DatabaseError::Kind::content;
      throw Error(content ? StatusCode::invalid_input : StatusCode::io_error,
                  std::string("not a usable tuning cache: ") + failure.what(), path);
    }
  });
}

TunedProblem public_form(const TuningEntry& entry) {
  const DeviceIdentity& id = entry.key.identity;
  TunedProblem problem{id.device, id.capability, id.driver, id.library, entry.key.problem, {}};
  for (const auto& [name, ms] : entry.times) problem.kernels.push_back({name, ms});
  std::stable_sort(
      problem.kernels.begin(), problem.kernels.end(),
      [](const TunedKernel& a, const TunedKernel& b) { return a.milliseconds < b.milliseconds; });
  return problem;
}

}  // namespace

Result<std::vector<TunedProblem>> read_tuning_cache(const std::string& path) {
  return with_file(path, Database::Access::read, [](TuningFile& file) {
    std::vector<TunedProblem> problems;
    for (const TuningEntry& entry : file.entries()) problems.push_back(public_form(entry));
    return problems;
  });
}

Status clear_tuning_cache(const std::string& path) {
  return with_file(path, Database::Access::write, [](TuningFile& file) { file.clear(); });
}

}  // namespace octet
