// Every way in which a TensorProto may store its elements.
#include "formats/onnx/tensor_reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "files/onnx_builder.hpp"

namespace octet::testing {
namespace {

using ::testing::ElementsAre;

Tensor read(const TensorProto& tensor) {
  return onnx::read_tensor(tensor, onnx::ExternalData(false, {}));
}

TensorProto with_type(int type, std::initializer_list<std::int64_t> dims) {
  TensorProto tensor;
  tensor.set_name("t");
  tensor.set_data_type(type);
  for (const std::int64_t extent : dims) tensor.add_dims(extent);
  return tensor;
}

template <typename T>
std::vector<T> values(const Tensor& tensor) {
  return {tensor.values<T>().begin(), tensor.values<T>().end()};
}

constexpr int kUint4 = 21, kInt4 = 22;

TEST(OnnxTensor, RawBytes) {
  const Tensor tensor = read(OnnxBuilder::tensor<float>("t", {2, 1}, {1.5f, -2.0f}));
  EXPECT_EQ(tensor.shape(), (Shape{2, 1}));
  EXPECT_THAT(values<float>(tensor), ElementsAre(1.5f, -2.0f));
}

TEST(OnnxTensor, SmallIntegersInInt32Data) {
  TensorProto tensor = with_type(TensorProto::INT8, {2});
  tensor.add_int32_data(-128);
  tensor.add_int32_data(127);
  EXPECT_THAT(values<std::int8_t>(read(tensor)), ElementsAre(-128, 127));
}

TEST(OnnxTensor, Float16BitsInInt32Data) {
  TensorProto tensor = with_type(TensorProto::FLOAT16, {1});
  tensor.add_int32_data(0x3c00);
  EXPECT_THAT(values<std::uint16_t>(read(tensor)), ElementsAre(0x3c00));
}

TEST(OnnxTensor, WideIntegersHaveFieldsOfTheirOwn) {
  TensorProto wide = with_type(TensorProto::INT64, {1});
  wide.add_int64_data(std::int64_t{1} << 40);
  EXPECT_THAT(values<std::int64_t>(read(wide)), ElementsAre(std::int64_t{1} << 40));
  TensorProto without_sign = with_type(TensorProto::UINT32, {1});
  without_sign.add_uint64_data(0xffffffffu);
  EXPECT_THAT(values<std::uint32_t>(read(without_sign)), ElementsAre(0xffffffffu));
}

TEST(OnnxTensor, UnpacksFourBitElements) {
  TensorProto raw = with_type(kInt4, {3});
  raw.set_raw_data(std::string("\x8f\x07", 2));  // -1, -8, 7
  EXPECT_THAT(values<std::int8_t>(read(raw)), ElementsAre(-1, -8, 7));
  TensorProto field = with_type(kUint4, {3});
  field.add_int32_data(0x8f);
  field.add_int32_data(0x07);
  EXPECT_THAT(values<std::uint8_t>(read(field)), ElementsAre(15, 8, 7));
}

TEST(OnnxTensor, BooleansBecomeZeroOrOne) {
  TensorProto tensor = with_type(TensorProto::BOOL, {2});
  tensor.set_raw_data(std::string("\x02\x00", 2));
  EXPECT_THAT(values<std::uint8_t>(read(tensor)), ElementsAre(1, 0));
}

TEST(OnnxTensor, EmptyTensors) {
  EXPECT_EQ(read(with_type(TensorProto::FLOAT, {0, 4})).shape(), (Shape{0, 4}));
}

struct Refusal {
  const char* what;
  TensorProto tensor;
  StatusCode code;
};

TEST(OnnxTensor, RefusesWhatDoesNotFit) {
  TensorProto too_short = with_type(TensorProto::FLOAT, {2});
  too_short.set_raw_data("1234");
  TensorProto no_data = with_type(TensorProto::FLOAT, {2});
  TensorProto both = with_type(TensorProto::FLOAT, {1});
  both.set_raw_data("1234");
  both.add_float_data(1.0f);
  TensorProto out_of_range = with_type(TensorProto::UINT8, {1});
  out_of_range.add_int32_data(256);
  TensorProto huge = with_type(TensorProto::UINT8, {1 << 20, 1 << 20});
  TensorProto ranks = with_type(TensorProto::UINT8, {1, 1, 1, 1, 1, 1, 1, 1, 1});
  TensorProto segment = with_type(TensorProto::UINT8, {1});
  segment.mutable_segment();
  const Refusal refusals[] = {
      {"raw data too short", too_short, StatusCode::invalid_model},
      {"no data", no_data, StatusCode::invalid_model},
      {"two places", both, StatusCode::invalid_model},
      {"element out of range", out_of_range, StatusCode::invalid_model},
      {"negative extent", with_type(TensorProto::UINT8, {-1}), StatusCode::invalid_model},
      {"unknown type", with_type(99, {1}), StatusCode::invalid_model},
      {"no type", with_type(0, {1}), StatusCode::invalid_model},
      {"too many elements", huge, StatusCode::resource_exhausted},
      {"too many axes", ranks, StatusCode::unsupported},
      {"strings", with_type(TensorProto::STRING, {1}), StatusCode::unsupported},
      {"8-bit floats", with_type(17, {1}), StatusCode::unsupported},
      {"segments", segment, StatusCode::unsupported},
  };
  for (const Refusal& refusal : refusals) {
    try {
      read(refusal.tensor);
      ADD_FAILURE() << refusal.what << " was accepted";
    } catch (const Error& error) {
      EXPECT_EQ(error.status().code(), refusal.code) << refusal.what << ": " << error.what();
      EXPECT_EQ(error.status().where(), "tensor \"t\"") << refusal.what;
    }
  }
}

}  // namespace
}  // namespace octet::testing
