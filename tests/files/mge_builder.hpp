// Builds small .mge files, right and wrong ones, with FlatBuffers' own writer.
#pragma once

#include <graph_v1_generated.h>
#include <graph_v2_generated.h>

#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace octet::test {

namespace fbs = mge::fbs;

// Ids of operators as MegEngine stores them in V2 files (reference values, not computed here).
inline constexpr std::uint64_t kHost2DeviceCopy = 0x21d09889fd709229;
inline constexpr std::uint64_t kImmutableTensor = 0x60d52856bbd5a2b1;
inline constexpr std::uint64_t kConvBias = 0xc2910e49be9f970a;
inline constexpr std::uint64_t kElemwise = 0xd6c488c11172ec08;
inline constexpr std::uint64_t kDimshuffle = 0xafb80bbec293ea6c;
inline constexpr std::uint64_t kRelayoutFormat = 0x2a4226fbfa1f1ffd;
inline constexpr std::uint64_t kTensorRTRuntimeOpr = 0xefa3965a55c6bf2d;
inline constexpr std::uint64_t kCustomOpNode = 0xb8b175b1e07205c2;
// Unversioned ids, as MGBS files have them.
inline constexpr std::uint64_t kOldHost2DeviceCopy = 0x9f9db55d661d5f11;
inline constexpr std::uint64_t kOldSharedDeviceTensor = 0x546f1693eb92309f;
inline constexpr std::uint64_t kOldConvBias = 0xf34e306699f98081;
inline constexpr std::uint64_t kOldPooling = 0x47872bbdca5f8c6b;

using Builder = flatbuffers::FlatBufferBuilder;

struct TestDType {
  fbs::DTypeEnum type = fbs::DTypeEnum::Float32;
  float scale = 0.0f;  // 0: without a parameter
  std::uint8_t zero_point = 0;

  flatbuffers::Offset<fbs::DType> write(Builder& builder) const {
    if (scale == 0.0f) return fbs::CreateDType(builder, type);
    const auto param = fbs::CreateLinearQuantizationParam(builder, scale, zero_point);
    return fbs::CreateDType(builder, type, fbs::DTypeParam::LinearQuantizationParam, param.Union());
  }
};

struct TestTensor {
  std::string name = {};
  std::vector<std::uint32_t> shape = {};
  TestDType dtype = {};
  std::vector<std::uint8_t> data = {};
  bool image_format = false;
};

struct TestOperator {
  std::uint64_t id = 0;
  std::string type = {};
  std::vector<std::uint32_t> inputs = {}, outputs = {};
  std::vector<TestTensor> tensors = {};
  fbs::OperatorParam param_type = fbs::OperatorParam::NONE;
  // Writes the parameter; nothing when empty.
  std::function<flatbuffers::Offset<void>(Builder&)> param = {};
  std::optional<TestDType> output_dtype = {};
};

struct TestModel {
  std::uint32_t version = 101300, model_version = 2;
  std::vector<TestOperator> operators;
  std::vector<std::string> names;
  std::vector<std::uint32_t> outputs;
  std::vector<std::pair<std::uint32_t, std::string>> aliases;
};

template <typename T>
std::vector<std::uint8_t> bytes_of_values(std::initializer_list<T> values) {
  std::vector<std::uint8_t> bytes(values.size() * sizeof(T));
  std::memcpy(bytes.data(), values.begin(), bytes.size());
  return bytes;
}

inline TestOperator test_input(const std::string& name, std::vector<std::uint32_t> shape,
                               std::uint32_t number, TestDType dtype = {}) {
  TestOperator op{kHost2DeviceCopy, "Host2DeviceCopy", {}, {number}, {{name, shape, dtype, {}}}};
  op.param_type = fbs::OperatorParam::Host2DeviceCopy;
  op.param = [](Builder& b) { return fbs::CreateHost2DeviceCopy(b).Union(); };
  return op;
}

inline TestOperator test_constant(TestTensor tensor, std::uint32_t number) {
  return {kImmutableTensor, "ImmutableTensor", {}, {number}, {std::move(tensor)}};
}

inline TestOperator test_elemwise(fbs::ElemwiseMode mode, std::vector<std::uint32_t> inputs,
                                  std::uint32_t number) {
  TestOperator op{kElemwise, "Elemwise", std::move(inputs), {number}};
  op.param_type = fbs::OperatorParam::Elemwise;
  op.param = [mode](Builder& b) { return fbs::CreateElemwise(b, mode).Union(); };
  return op;
}

// The file's bytes.
std::string write_v2(const TestModel& model);

// The same graph in an MGBS file of an old release: header of 16 bytes, unversioned ids
// (`operators` must have them), values before the FlatBuffer. `metadata`: v1.4 and later write
// some.
std::string write_mgbs(const TestModel& model, bool metadata);

}  // namespace octet::test
