#include "run/prepared_run.hpp"

#include <algorithm>
#include <cstring>

#include "base/format.hpp"
#include "base/stopwatch.hpp"
#include "cli/program.hpp"
#include "run/dump_passes.hpp"

namespace octet::tools {
namespace {

// The values that a model file brings along, apart from the ones it wants to see come out.
std::vector<TestCase> cases_from_file(const Model& model) {
  std::vector<TestCase> cases;
  for (const NamedTensors& tensors : model.test_cases()) {
    TestCase& test_case = cases.emplace_back();
    for (const NamedTensor& tensor : tensors) {
      const bool is_input =
          std::any_of(model.inputs().begin(), model.inputs().end(),
                      [&](const TensorInfo& input) { return input.name == tensor.name; });
      (is_input ? test_case.inputs : test_case.expected).push_back(tensor);
    }
  }
  return cases;
}

std::vector<TestCase> all_cases(const Model& model, const RunOptions& options) {
  if (model.test_cases().empty())
    return {{read_model_inputs(model, options, !options.const_shape), {}}};
  if (!options.input.empty() || options.batch_size)
    note("--input and --batch-size are ignored: the model file brings its own test cases");
  return cases_from_file(model);
}

// "search [######----] 12/21 conv2d: conv2d_s8..."
std::string search_bar(const SearchProgress& at) {
  constexpr std::size_t kWidth = 20;
  const std::size_t full = at.total == 0 ? 0 : kWidth * at.done / at.total;
  return concat("search [", std::string(full, '#'), std::string(kWidth - full, '-'), "] ", at.done,
                "/", at.total, " ", at.op, ": ", at.kernel);
}

// Copies to where the session's device reads fastest. What there is no such memory for stays.
void move_inputs(const Session& session, std::vector<TestCase>& cases) {
  for (TestCase& test_case : cases)
    for (NamedTensor& input : test_case.inputs) {
      Result<Tensor> fast = session.make_tensor(input.tensor.type());
      if (!fast.ok()) continue;
      std::memcpy(fast.value().mutable_data(), input.tensor.data(), input.tensor.bytes());
      input.tensor = std::move(fast).value();
    }
}

bool is_device_backend(const std::string& name) {
  for (const BackendInfo& backend : backends())
    if (backend.name == name) return backend.is_device;
  return false;
}

}  // namespace

PreparedRun prepare_run(const RunOptions& options, Console& console) {
  // Before the model: options that contradict each other can be told at once.
  SessionOptions settings = session_options(options);
  console.progress("loading " + options.model);
  Stopwatch watch;
  Model model = load_model(options);
  const double load_ms = watch.milliseconds();
  console.line("load model: %.3fms", load_ms);

  console.progress("preparing");
  if (!options.dump_passes.empty()) settings.on_pass = pass_dumper(options.dump_passes);
  settings.on_search = [&console](const SearchProgress& at) { console.progress(search_bar(at)); };
  watch.restart();
  Session session = Session::create(model, settings).value();
  const double device_ms = watch.milliseconds();

  watch.restart();
  std::vector<TestCase> cases = all_cases(model, options);
  const bool is_device = is_device_backend(session.backend());
  if (is_device) move_inputs(session, cases);
  const double inputs_ms = watch.milliseconds();

  watch.restart();
  Execution execution = session.prepare(cases.front().inputs).value();
  const double prepare_ms = watch.milliseconds();
  console.line("=== prepare: %.3fms; going to warmup", prepare_ms);

  return {std::move(model),
          std::move(settings),
          std::move(session),
          std::move(cases),
          std::move(execution),
          is_device,
          load_ms,
          inputs_ms,
          device_ms,
          prepare_ms};
}

}  // namespace octet::tools
