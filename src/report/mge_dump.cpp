#include "report/mge_dump.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <octet/status.hpp>

#include "base/format.hpp"
#include "ops/elements.hpp"

namespace octet {
namespace {

constexpr std::uint32_t kMaxRank = 7;
constexpr std::size_t kShownValues = 5;

void append(std::vector<std::byte>& bytes, std::uint32_t value) {
  for (int shift = 0; shift < 32; shift += 8)
    bytes.push_back(static_cast<std::byte>((value >> shift) & 0xFFu));
}

void append_nibbles(std::vector<std::byte>& bytes, const Tensor& tensor) {
  const auto values = tensor.values<std::uint8_t>();
  for (std::size_t i = 0; i < values.size(); i += 2) {
    const unsigned low = values[i] & 15u;
    const unsigned high = i + 1 < values.size() ? values[i + 1] & 15u : 0u;
    bytes.push_back(static_cast<std::byte>(low | high << 4));
  }
}

std::string shortest(const char* format, double value) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), format, value);
  return text.data();
}

std::vector<double> as_numbers(const Tensor& tensor) {
  std::vector<double> numbers;
  with_storage(tensor.dtype(), [&]<typename T>(std::type_identity<T>) {
    for (const T& value : tensor.values<T>()) numbers.push_back(static_cast<double>(value));
  });
  return numbers;
}

// "[1 2 3 ...]min=1 max=9 mean=4 l2=5 sd=2"
std::string value_summary(const Tensor& tensor) {
  const std::vector<double> numbers = as_numbers(tensor);
  std::string text = "[";
  for (std::size_t i = 0; i < std::min(numbers.size(), kShownValues); ++i)
    text += (i == 0 ? "" : " ") + shortest("%.4g", numbers[i]);
  text += numbers.size() > kShownValues ? " ...]" : "]";
  if (numbers.empty()) return text;
  double sum = 0.0, squares = 0.0;
  for (const double number : numbers) {
    sum += number;
    squares += number * number;
  }
  const auto n = static_cast<double>(numbers.size());
  const double mean = sum / n;
  const double variance = std::max(squares / n - mean * mean, 0.0);
  const auto [lowest, highest] = std::minmax_element(numbers.begin(), numbers.end());
  return text + "min=" + shortest("%.3g", *lowest) + " max=" + shortest("%.3g", *highest) +
         " mean=" + shortest("%.3g", mean) + " l2=" + shortest("%.3g", std::sqrt(squares / n)) +
         " sd=" + shortest("%.3g", std::sqrt(variance));
}

}  // namespace

std::vector<std::byte> mge_binary_tensor(const Tensor& tensor, const std::string& name) {
  const Shape& shape = tensor.shape();
  if (shape.rank() > kMaxRank)
    throw Error(StatusCode::unsupported, concat("MegEngine's dumps hold at most ", kMaxRank,
                                                " axes, the value has shape ", shape.to_string()));
  std::vector<std::byte> bytes;
  append(bytes, static_cast<std::uint32_t>(name.size()));
  append(bytes, mge_dtype(tensor.type()).number);
  append(bytes, kMaxRank);
  for (std::size_t i = 0; i < kMaxRank; ++i)
    append(bytes, i < shape.rank() ? static_cast<std::uint32_t>(shape[i]) : 0u);
  const auto* text = reinterpret_cast<const std::byte*>(name.data());
  bytes.insert(bytes.end(), text, text + name.size());
  if (tensor.dtype() == DType::s4 || tensor.dtype() == DType::u4) append_nibbles(bytes, tensor);
  else bytes.insert(bytes.end(), tensor.data(), tensor.data() + tensor.bytes());
  return bytes;
}

MgeDumpNames::MgeDumpNames(const PlanInfo& plan) {
  for (std::size_t i = 0; i < plan.inputs.size(); ++i) {
    const auto& [name, type] = plan.inputs[i];
    add({plan.input_values[i], name, name, "Host2DeviceCopy", 0, type}, {});
  }
  for (const StepInfo& step : plan.steps) {
    for (std::size_t i = 0; i < step.inputs.size(); ++i) {
      const std::int32_t value = step.input_values[i];
      if (value < 0 || variables_.contains(value)) continue;
      const std::string name = concat("const", value);
      add({value, name, name, "SharedDeviceTensor", 0, step.inputs[i]}, {});
    }
    for (std::size_t o = 0; o < step.outputs.size(); ++o) {
      const auto& [name, type] = step.outputs[o];
      add({step.output_values[o], name.empty() ? step.name : name, step.name,
           mge_operator_type(step.op), o, type},
          step.input_values);
    }
  }
}

void MgeDumpNames::add(const MgeVariable& variable, std::vector<std::int32_t> operands) {
  variables_.insert_or_assign(variable.id, Variable{variable, std::move(operands)});
}

std::string MgeDumpNames::binary_name(std::int32_t value) const {
  const auto found = variables_.find(value);
  if (found == variables_.end()) return concat("var=", value);  // a result known before the run
  const auto& [variable, operands] = found->second;
  std::string text = "var=" + mge_variable(variable) + " owner_opr_inputs=";
  for (const std::int32_t operand : operands)
    if (operand >= 0) text += mge_variable(variables_.at(operand).variable);
  return text;
}

std::string MgeDumpNames::text(const StepInfo& step, std::size_t number, std::size_t output,
                               const Tensor& value) const {
  const TensorInfo& info = step.outputs[output];
  std::string text = concat("var", step.output_values[output],
                            " produced: name=", info.name.empty() ? step.name : info.name,
                            " layout=", mge_layout(info.type), " owner_opr=", step.name, "{",
                            mge_operator_type(step.op), "} opr", number, "\n deps:\n");
  for (std::size_t i = 0; i < step.input_values.size(); ++i)
    if (step.input_values[i] >= 0)
      text +=
          concat("  [i", i, "]var", step.input_values[i], ": ", mge_layout(step.inputs[i]), " d\n");
  return text + " val: " + value_summary(value) + " d\n";
}

}  // namespace octet
