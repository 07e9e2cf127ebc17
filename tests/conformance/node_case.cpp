#include "conformance/node_case.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <functional>

#include "base/file.hpp"
#include "base/format.hpp"
#include "formats/onnx/onnx_node.hpp"
#include "formats/onnx/reader.hpp"
#include "formats/onnx/tensor_reader.hpp"
#include "formats/onnx/writer.hpp"
#include "support/run_graph.hpp"

namespace octet::testing {
namespace {

namespace fs = std::filesystem;
using onnx::proto::ModelProto;
using onnx::proto::TensorProto;

template <typename Message>
Message parse(const fs::path& path) {
  const std::vector<std::byte> bytes = read_file(path.string());
  Message message;
  if (!message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
    throw Error(StatusCode::invalid_input,
                concat(path.filename().string(), " is not such a message"));
  return message;
}

using Declared = google::protobuf::RepeatedPtrField<onnx::proto::ValueInfoProto>;

// bfloat16 numbers are stored as the integers of their bits.
Tensor as_declared(Tensor tensor, const onnx::proto::ValueInfoProto& info) {
  if (info.type().tensor_type().elem_type() != TensorProto::BFLOAT16) return tensor;
  TensorType type = tensor.type();
  type.dtype = DType::bf16;
  return tensor.with_type(std::move(type));
}

// The tensors in <prefix>_0.pb, <prefix>_1.pb, ...
std::vector<Tensor> read_tensors(const fs::path& folder, const std::string& prefix,
                                 const Declared& declared) {
  std::vector<Tensor> tensors;
  for (int i = 0; i < declared.size(); ++i) {
    const auto message = parse<TensorProto>(folder / concat(prefix, "_", i, ".pb"));
    tensors.push_back(
        as_declared(onnx::read_tensor(message, onnx::ExternalData(false, {})), declared[i]));
  }
  return tensors;
}

using Named = std::map<std::string, Tensor>;

std::vector<Tensor> run(const fs::path& model, const Named& inputs, std::size_t first_bound,
                        bool rewrite) {
  const std::vector<std::byte> bytes = read_file(model.string());
  const auto message = parse<ModelProto>(model);
  ReadOptions options;
  Named given;
  for (std::size_t i = 0; i < static_cast<std::size_t>(message.graph().input_size()); ++i) {
    const std::string& name = message.graph().input(static_cast<int>(i)).name();
    (i < first_bound ? given : options.bound_inputs).emplace(name, inputs.at(name));
  }
  ModelFile read = read_onnx(bytes, model.string(), options);
  if (rewrite) read = read_onnx(write_onnx(read), model.string() + " (rewritten)");
  return test::run_outputs(read.graph, given);
}

// Some inputs (scales, bounds, shapes) must be known when the model is read. First none is bound,
// then all but the first, then all of them.
std::vector<Tensor> run_with_bindings(const fs::path& model, const Named& inputs, bool rewrite) {
  std::string refusals;
  for (const std::size_t first_bound : {inputs.size(), std::size_t{1}, std::size_t{0}}) {
    try {
      return run(model, inputs, first_bound, rewrite);
    } catch (const Error& error) {
      if (refusals.empty() || error.status().code() != StatusCode::unsupported)
        refusals = error.what();
    }
  }
  throw Error(StatusCode::unsupported, refusals);
}

// Empty when the tensors agree.
std::string difference(const Tensor& got, const Tensor& expected) {
  if (got.dtype() != expected.dtype() || got.shape() != expected.shape())
    return concat("is ", got.type().to_string(), " instead of ", expected.type().to_string());
  if (!is_float(got.dtype()))
    return std::equal(got.data(), got.data() + got.bytes(), expected.data()) ? ""
                                                                             : "has other integers";
  const std::vector<float> a = onnx::numbers_of(got), b = onnx::numbers_of(expected);
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] == b[i] || (std::isnan(a[i]) && std::isnan(b[i]))) continue;
    if (!(std::abs(a[i] - b[i]) <= 1e-7f + 1e-3f * std::abs(b[i])))
      return concat("has ", a[i], " instead of ", b[i], " at element ", i);
  }
  return "";
}

std::string run_data_set(const fs::path& model, const fs::path& folder, bool rewrite) {
  const auto message = parse<ModelProto>(model);
  const std::vector<Tensor> tensors = read_tensors(folder, "input", message.graph().input());
  Named inputs;
  for (std::size_t i = 0; i < tensors.size(); ++i)
    inputs.emplace(message.graph().input(static_cast<int>(i)).name(), tensors[i]);
  const std::vector<Tensor> expected = read_tensors(folder, "output", message.graph().output());
  const std::vector<Tensor> got = run_with_bindings(model, inputs, rewrite);
  for (std::size_t i = 0; i < got.size(); ++i)
    if (const std::string wrong = difference(got[i], expected[i]); !wrong.empty())
      return concat("output ", i, " ", wrong);
  return "";
}

}  // namespace

std::vector<std::string> node_cases(const std::string& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.is_directory()) names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

std::string run_node_case(const std::string& directory, bool rewrite) {
  const fs::path folder = directory;
  int sets = 0;
  try {
    for (const auto& entry : fs::directory_iterator(folder)) {
      if (!entry.is_directory()) continue;
      ++sets;
      if (const std::string wrong = run_data_set(folder / "model.onnx", entry.path(), rewrite);
          !wrong.empty())
        return wrong;
    }
  } catch (const Error& error) {
    return error.what();
  }
  return sets > 0 ? "" : "there is no data set";
}

}  // namespace octet::testing
