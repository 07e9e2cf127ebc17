#include "tuning/tuning_key.hpp"

#include <cctype>

#include "base/format.hpp"

namespace octet {
namespace {

bool is_digit(char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }

// "0.0123" and "1e-05" become "#"; "128" stays.
std::string without_scales(const std::string& text) {
  std::string result;
  for (std::size_t i = 0; i < text.size();) {
    const bool starts =
        is_digit(text[i]) && (i == 0 || std::isalpha(static_cast<unsigned char>(text[i - 1])) == 0);
    if (!starts) {
      result += text[i++];
      continue;
    }
    std::size_t end = i;
    bool is_real = false;
    while (end < text.size() && (is_digit(text[end]) || text[end] == '.' || text[end] == 'e' ||
                                 ((text[end] == '-' || text[end] == '+') && text[end - 1] == 'e')))
      is_real = !is_digit(text[end++]) || is_real;
    result += is_real ? "#" : text.substr(i, end - i);
    i = end;
  }
  return result;
}

void set_batch(TensorType& type, std::int64_t from, std::int64_t to) {
  if (type.shape.rank() > 0 && type.shape[0] == from) type.shape[0] = to;
}

}  // namespace

TuningKey tuning_key(const Problem& problem, const Demands& demands, const Backend& backend) {
  TuningKey key{backend.identity(), without_scales(problem.text())};
  if (backend.is_host()) key.problem += concat(" threads=", demands.threads);
  return key;
}

Problem at_batch(const Problem& problem, std::int64_t batch) {
  if (problem.inputs.empty() || !problem.has_input(0) || problem.inputs[0].shape.rank() == 0)
    return problem;
  const std::int64_t now = problem.inputs[0].shape[0];
  Problem changed = problem;
  for (std::size_t i = 0; i < changed.inputs.size(); ++i)
    if (changed.has_input(i) && changed.constants[i] == nullptr)
      set_batch(changed.inputs[i], now, batch);
  for (TensorType& output : changed.outputs) set_batch(output, now, batch);

  std::vector<TensorType> plain = changed.inputs;
  for (TensorType& type : plain) type.layout = kNCHW;
  try {
    const auto outputs = problem.op->infer({plain, changed.constants});
    for (std::size_t i = 0; i < outputs.size(); ++i)
      if (!(outputs[i].shape == changed.outputs[i].shape)) return problem;
  } catch (const Error&) {
    return problem;
  }
  return changed;
}

}  // namespace octet
