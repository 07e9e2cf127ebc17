#include "golden/cases.hpp"

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/format.hpp"
#include "formats/tensors/npy.hpp"
#include "ops/convert.hpp"

namespace octet::test {
namespace {

// These end in a float sum or a softmax. MegEngine repeats its own bits, but the order of its
// additions and its exp() come from the vector width of its CPU; docs/numerics.md, 8.
bool ends_in_float_sum(const std::string& name) {
  return name == "linear_relu_softmax" || name == "local_conv" || name == "group_local_s2";
}

Tolerance tolerance_of(const std::string& name, const std::string& text) {
  Tolerance tolerance;
  if (ends_in_float_sum(name)) return {false, false, 1e-6, 1e-4};
  if (text == "exact") return tolerance;
  if (text.starts_with("float island")) {
    tolerance.exact = false;
    tolerance.one_step = true;
  } else if (text.starts_with("output.npy is the plain graph's")) {
    // Of these only the networks end in a Float32 part.
    if (!name.starts_with("net_")) return tolerance;
    tolerance = {false, false, 1e-6, 1e-5};
  } else {
    tolerance.exact = false;
    if (std::sscanf(text.c_str(), "float32: |a - b| <= %lf + %lf", &tolerance.absolute,
                    &tolerance.relative) != 2)
      throw std::runtime_error("cases.json: how to compare is not understood: " + text);
  }
  return tolerance;
}

// "eltwise_qadd.v1" of "eltwise_qadd.v1.mge"
std::string stem_of(const GoldenCase& test) { return test.file.substr(0, test.file.rfind('.')); }

std::string batch_part(std::optional<int> batch) {
  return batch ? concat(".b", *batch) : std::string();
}

template <typename T>
std::string float_difference(const Tensor& got, const Tensor& want, double absolute,
                             double relative) {
  std::size_t worse = 0;
  double largest = 0;
  for (std::size_t i = 0; i < got.values<T>().size(); ++i) {
    const double a = got.values<T>()[i], b = want.values<T>()[i];
    const double distance = std::abs(a - b);
    if (!(distance <= absolute + relative * std::abs(b))) ++worse;
    largest = std::max(largest, distance);
  }
  if (worse == 0) return {};
  return concat(worse, " of ", got.values<T>().size(), " differ, by up to ", largest);
}

}  // namespace

std::ostream& operator<<(std::ostream& out, const GoldenCase& test) { return out << test.file; }

std::string data_path(const std::string& name) {
  const char* folder = std::getenv("OCTET_TEST_DATA");
  return concat(folder != nullptr ? folder : OCTET_TEST_DATA, "/", name);
}

std::vector<GoldenCase> golden_cases(const std::string& folder) {
  std::ifstream file(data_path(folder + "/cases.json"));
  const auto json = nlohmann::json::parse(file);
  std::vector<GoldenCase> cases;
  for (const auto& [name, entry] : json.items()) {
    for (const auto& [file_name, ignored] : entry.at("files").items()) {
      GoldenCase test{folder, name, file_name, {}, entry.at("outputs").size(), {}, {}, {}};
      for (const auto& [input, shape] : entry.at("inputs").items()) test.inputs.push_back(input);
      if (entry.contains("second_batch")) test.second_batch = entry["second_batch"].get<int>();
      if (entry.contains("fused_output")) test.fused_output = entry["fused_output"];
      test.tolerance = tolerance_of(name, entry.at("compare"));
      cases.push_back(std::move(test));
    }
  }
  return cases;
}

std::map<std::string, Tensor> golden_inputs(const GoldenCase& test, std::optional<int> batch) {
  std::map<std::string, Tensor> inputs;
  for (const std::string& name : test.inputs) {
    const std::string part = test.inputs.size() == 1 ? "input" : name;
    inputs[name] = read_npy_file(
        data_path(concat(test.folder, "/", test.name, batch_part(batch), ".", part, ".npy")));
  }
  return inputs;
}

std::vector<Tensor> golden_outputs(const GoldenCase& test, std::optional<int> batch) {
  std::vector<Tensor> outputs;
  for (std::size_t i = 0; i < test.outputs; ++i) {
    const std::string part =
        concat(batch_part(batch), ".output", test.outputs == 1 ? "" : std::to_string(i), ".npy");
    // What MegEngine gives for this very file goes before what the traced call gave.
    std::string path = data_path(concat(test.folder, "/", stem_of(test), part));
    if (!std::filesystem::exists(path) && !test.fused_output.empty())
      path = data_path(concat(test.folder, "/", test.fused_output));
    if (!std::filesystem::exists(path)) path = data_path(concat(test.folder, "/", test.name, part));
    outputs.push_back(read_npy_file(path));
  }
  return outputs;
}

float last_step(const Graph& graph, ValueId output) {
  const Node* node = graph.producer(output);
  if (node == nullptr || node->as<Convert>() == nullptr) return 0.0f;
  const auto& quant = graph.type(node->inputs[0]).quant;
  return quant ? quant->scale() : 0.0f;
}

std::string difference(const Tensor& got, const Tensor& want, const Tolerance& tolerance,
                       float step) {
  if (got.dtype() != want.dtype() || got.shape() != want.shape())
    return concat("it is ", got.type().to_string(), " instead of ", want.type().to_string());
  if (std::memcmp(got.data(), want.data(), got.bytes()) == 0) return {};
  if (got.dtype() == DType::f32 && !tolerance.exact) {
    const double absolute =
        tolerance.one_step ? 1.001 * static_cast<double>(step) : tolerance.absolute;
    return float_difference<float>(got, want, absolute, tolerance.relative);
  }
  switch (got.dtype()) {
    case DType::f32: return float_difference<float>(got, want, 0, 0);
    case DType::s8: return float_difference<std::int8_t>(got, want, 0, 0);
    case DType::u8: return float_difference<std::uint8_t>(got, want, 0, 0);
    case DType::s32: return float_difference<std::int32_t>(got, want, 0, 0);
    default: return "the bytes differ";
  }
}

}  // namespace octet::test
