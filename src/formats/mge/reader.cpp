#include "formats/mge/reader.hpp"

#include <algorithm>
#include <cstring>
#include <string_view>

#include "base/error.hpp"
#include "base/format.hpp"
#include "formats/mge/container.hpp"
#include "formats/mge/lower.hpp"
#include "formats/mge/optimize_options.hpp"

namespace octet {
namespace {

using mge::Container;

constexpr std::string_view kTestCases = "mgbtest0";

bool starts_with(std::span<const std::byte> bytes, std::string_view text) noexcept {
  return bytes.size() >= text.size() && std::memcmp(bytes.data(), text.data(), text.size()) == 0;
}

// Protocols 2 to 5 of Python's pickle begin with their number.
bool is_pickle(std::span<const std::byte> bytes) noexcept {
  return bytes.size() >= 3 && bytes[0] == std::byte{0x80} && bytes[1] >= std::byte{2} &&
         bytes[1] <= std::byte{5};
}

bool is_internal_format(std::span<const std::byte> bytes) noexcept {
  return starts_with(bytes, "mgb0001") || starts_with(bytes, "mgb0000a");
}

void refuse_other_files(std::span<const std::byte> bytes) {
  if (is_pickle(bytes))
    throw Error(
        StatusCode::unsupported,
        "this is a Python pickle (a saved tensor, state dict or TracedModule), not a dumped "
        "graph",
        {}, "load it in MegEngine, trace the model with jit.trace and write it with dump()");
  if (is_internal_format(bytes))
    throw Error(StatusCode::unsupported,
                "this is a graph in the old format of MegBrain, which was never published", {},
                "dump the model with MegEngine v0.3 or later");
}

std::string format_name(Container container, bool has_test_cases) {
  const char* name = container == Container::v2     ? "mge v2"
                     : container == Container::mgbc ? "mge v1 (MGBC)"
                                                    : "mge v1 (MGBS)";
  return concat(name, has_test_cases ? " with test cases" : "");
}

// The inputs' names in the order in which test cases give their values.
std::vector<std::string> sorted_inputs(const Graph& graph) {
  std::vector<std::string> names;
  for (const ValueId id : graph.inputs()) names.push_back(graph.value(id).name);
  std::sort(names.begin(), names.end());
  return names;
}

// A test case is a graph of its own whose outputs are constants: one value per input.
std::map<std::string, Tensor> read_test_case(mge::Source& source, const Graph& graph) {
  ModelFile values;
  mge::lower_graph(mge::read_graph(source), source.bytes.size(), values);
  const auto names = sorted_inputs(graph);
  const auto& outputs = values.graph.outputs();
  if (outputs.size() != names.size())
    throw Error(StatusCode::invalid_model,
                concat("it gives ", outputs.size(), " values for ", names.size(), " inputs"));
  std::map<std::string, Tensor> test_case;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const Tensor* value = values.graph.known(outputs[i].value);
    if (value == nullptr)
      throw Error(StatusCode::invalid_model, concat("its value ", i, " is not a constant"));
    const TensorType& type = graph.type(graph.find_input(names[i]));
    if (value->dtype() != type.dtype)
      throw Error(StatusCode::invalid_model,
                  concat("its value for the input \"", names[i], "\" has the type ",
                         to_string(value->dtype()), " instead of ", to_string(type.dtype)));
    test_case.emplace(names[i], *value);
  }
  return test_case;
}

std::uint32_t read_test_case_count(mge::Source& source) {
  source.take(kTestCases.size(), "the header of its test cases");
  std::uint32_t count = 0;
  std::memcpy(&count, source.take(4, "the header of its test cases").data(), 4);
  return count;
}

ModelFile read_all(mge::Source source) {
  refuse_other_files(source.bytes);
  const bool has_test_cases = starts_with(source.bytes, kTestCases);
  const std::uint32_t count = has_test_cases ? read_test_case_count(source) : 0;

  ModelFile model;
  const mge::RawGraph file = mge::read_graph(source);
  model.format = format_name(file.container, has_test_cases);
  model.producer = mge::release_name(file.version);
  model.optimisations = mge::describe_options(file.optimize_options);
  if (mge::is_newer_than_known(file.version))
    model.warnings.push_back(concat("the file was written by ", model.producer,
                                    ", which is newer than this reader knows"));
  mge::lower_graph(file, source.bytes.size(), model);
  for (std::uint32_t i = 0; i < count; ++i) {
    try {
      model.test_cases.push_back(read_test_case(source, model.graph));
    } catch (const Error& error) {
      const std::string& where = error.status().where();
      throw at_place(error, concat("test case ", i, where.empty() ? "" : ", ", where));
    }
  }
  if (const std::size_t left = source.rest().size(); left != 0)
    model.warnings.push_back(concat(left, " bytes after the end of the model are ignored"));
  return model;
}

}  // namespace

bool looks_like_mge(std::span<const std::byte> bytes) noexcept {
  return starts_with(bytes, kTestCases) || is_pickle(bytes) || is_internal_format(bytes) ||
         mge::container_at({nullptr, bytes}).has_value();
}

ModelFile read_mge(std::shared_ptr<const void> storage, std::span<const std::byte> bytes,
                   const std::string& origin) {
  try {
    return read_all({std::move(storage), bytes});
  } catch (const Error& error) {
    const std::string& where = error.status().where();
    throw at_place(error, concat(origin, origin.empty() || where.empty() ? "" : ": ", where));
  }
}

}  // namespace octet
