#include "run/check_outputs.hpp"

#include <algorithm>

#include "base/format.hpp"
#include "cli/program.hpp"

namespace octet::tools {
namespace {

const Tensor* find(const NamedTensors& tensors, const std::string& name) {
  const auto found = std::find_if(tensors.begin(), tensors.end(),
                                  [&](const NamedTensor& tensor) { return tensor.name == name; });
  return found == tensors.end() ? nullptr : &found->tensor;
}

}  // namespace

void check_outputs(const Model& model, const TestCase& test_case, const NamedTensors& outputs,
                   const RunOptions& options, Console& console) {
  if (test_case.expected.empty()) return;
  for (std::size_t i = 0; i < model.checks().size(); ++i) {
    const EqualityCheck& check = model.checks()[i];
    const Tensor* expected = find(test_case.expected, check.expected);
    const Tensor* got = find(outputs, check.output);
    if (expected == nullptr || got == nullptr)
      throw Error(StatusCode::invalid_model,
                  concat("a test case lacks the value of \"", check.expected, "\""), check.name);
    const float error = equality_error(*expected, *got);
    if (check.verbose)
      console.line("AssertEqual: err=%g (name=%s id=%zu)", static_cast<double>(error),
                   check.name.c_str(), i);
    if (error >= 0.0f && error <= check.max_error) continue;  // false for NaN
    const std::string sentence =
        concat("the output \"", check.output, "\" differs from the expected value by ", error,
               ", more than ", check.max_error);
    if (!options.disable_assert_throw)
      throw Error(StatusCode::verification_failed, sentence, check.name);
    note(check.name + ": " + sentence);
  }
}

}  // namespace octet::tools
