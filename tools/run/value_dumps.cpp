#include "run/value_dumps.hpp"

#include <array>
#include <cmath>
#include <cstdio>
#include <optional>
#include <set>

#include "base/file.hpp"
#include "base/format.hpp"
#include "cli/files.hpp"
#include "formats/tensors/npy.hpp"
#include "report/mge_dump.hpp"
#include "report/outputs_json.hpp"

namespace octet::tools {
namespace {

// Every byte that may trouble a file system becomes '_'; a name that was taken gets ".1", ".2", ...
std::string file_stem(const std::string& name, std::set<std::string>& taken) {
  std::string stem;
  for (const char c : name) {
    const bool plain = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                       c == '.' || c == '_' || c == '-';
    stem += plain ? c : '_';
  }
  std::string free = stem;
  for (int i = 1; !taken.insert(free).second; ++i) free = concat(stem, ".", i);
  return free;
}

std::string hexadecimal(std::int32_t value) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "%06x", static_cast<unsigned>(value));
  return text.data();
}

void check_range(const StepInfo& step, const Tensor& value, double limit) {
  if (value.dtype() != DType::f32) return;
  for (const float element : value.values<float>())
    if (!(std::abs(static_cast<double>(element)) <= limit))
      throw Error(StatusCode::verification_failed,
                  concat("the value ", element, " is out of the range of +-", limit),
                  concat(step.op, " \"", step.name, "\""));
}

class Inspector {
 public:
  Inspector(const PlanInfo& plan, const RunOptions& options) : options_(options), names_(plan) {}

  bool wants_text() const {
    return !options_.io_dump.empty() || options_.io_dump_stdout || options_.io_dump_stderr;
  }
  bool wants_anything() const {
    return wants_text() || !options_.bin_io_dump.empty() || options_.range.has_value();
  }

  void see(const StepInfo& step, std::span<const Tensor> outputs) {
    for (std::size_t o = 0; o < outputs.size(); ++o) {
      if (options_.range) check_range(step, outputs[o], *options_.range);
      if (wants_text()) text_ += names_.text(step, step_, o, outputs[o]);
      if (!options_.bin_io_dump.empty())
        write_file(options_.bin_io_dump + "/" + hexadecimal(step.output_values[o]),
                   mge_binary_tensor(outputs[o], names_.binary_name(step.output_values[o])));
    }
    ++step_;
  }

  void finish() const {
    if (!options_.io_dump.empty()) write_text_file(options_.io_dump, text_);
    if (options_.io_dump_stdout) std::fputs(text_.c_str(), stdout);
    if (options_.io_dump_stderr) std::fputs(text_.c_str(), stderr);
  }

 private:
  const RunOptions& options_;
  MgeDumpNames names_;
  std::string text_;
  std::size_t step_ = 0;
};

}  // namespace

void OutputDumper::write(const PlanInfo& plan, const NamedTensors& outputs) {
  const MgeDumpNames names(plan);
  for (std::size_t i = 0; i < outputs.size(); ++i)
    write_file(concat(folder_, "/run", runs_, "-var", plan.output_values[i]),
               mge_binary_tensor(outputs[i].tensor, names.binary_name(plan.output_values[i])));
  ++runs_;
}

void write_outputs_as_npy(const std::string& folder, const NamedTensors& outputs) {
  make_folder(folder);
  std::set<std::string> taken;
  std::vector<std::string> files;
  for (const NamedTensor& output : outputs) {
    files.push_back(file_stem(output.name, taken) + ".npy");
    write_npy_file(folder + "/" + files.back(), output.tensor);
  }
  write_text_file(folder + "/outputs.json", outputs_json(outputs, files));
}

void inspect_values(Execution& execution, const RunOptions& options) {
  Inspector inspector(execution.plan(), options);
  if (!inspector.wants_anything()) return;
  // An Error inside the callback comes back as a Status with all it said.
  const Status status =
      execution.inspect([&](const StepInfo& step, double, std::span<const Tensor> outputs) {
        inspector.see(step, outputs);
      });
  if (!status.ok()) throw Error(status);
  inspector.finish();
}

}  // namespace octet::tools
