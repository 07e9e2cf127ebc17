#include <cstring>

#include "api/guard.hpp"
#include "api/model_impl.hpp"
#include "base/log.hpp"

namespace octet {
namespace {

ReadOptions read_options(const LoadOptions& options) {
  ReadOptions read;
  read.allow_external_data = options.allow_external_data;
  for (const NamedTensor& bound : options.bound_inputs)
    read.bound_inputs.emplace(bound.name, bound.tensor);
  return read;
}

Model make_model(ModelFile file, const std::string& origin) {
  for (const std::string& warning : file.warnings) log(LogLevel::warning, origin, ": ", warning);
  return Model(std::make_shared<const Model::Impl>(std::move(file), origin));
}

}  // namespace

Result<Model> Model::load(const std::string& path, const LoadOptions& options) {
  return guarded([&] { return make_model(read_model_file(path, read_options(options)), path); });
}

Result<Model> Model::parse(std::span<const std::byte> bytes, const std::string& origin,
                           const LoadOptions& options) {
  return guarded([&] {
    const auto copy = std::make_shared<std::vector<std::byte>>(bytes.begin(), bytes.end());
    return make_model(read_model(copy, *copy, origin, read_options(options)), origin);
  });
}

}  // namespace octet
