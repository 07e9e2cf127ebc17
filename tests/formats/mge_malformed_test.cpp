// Broken .mge files: refused with a sentence that says what and where.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/file.hpp"
#include "formats/mge/reader.hpp"
#include "formats/mge_builder.hpp"
#include "support/bytes.hpp"

namespace octet::test {
namespace {

void read(const std::string& file) {
  const auto storage = std::make_shared<const std::string>(file);
  read_mge(storage, as_bytes(*storage), "model.mge");
}

std::string sample(const std::string& name) {
  return to_text(read_file(std::string(OCTET_TEST_DATA) + "/megengine/" + name));
}

const TestDType kS8{fbs::DTypeEnum::QuantizedS8, 0.5f};

TestModel model_of(std::vector<TestOperator> operators, std::vector<std::uint32_t> outputs) {
  TestModel model;
  model.operators = std::move(operators);
  model.outputs = std::move(outputs);
  return model;
}

TestOperator constant_of(TestTensor tensor) { return test_constant(std::move(tensor), 0); }

BadCase bad(const std::string& name, const TestModel& model, StatusCode code,
            const std::string& part) {
  return {name, write_v2(model), code, part};
}

TestModel constant_model(TestTensor tensor) {
  return model_of({constant_of(std::move(tensor))}, {0});
}

TestModel unary(fbs::ElemwiseMode mode) {
  return model_of({test_input("x", {2}, 0), test_elemwise(mode, {0}, 1)}, {1});
}

TestModel one_operator(std::uint64_t id, const std::string& type) {
  return model_of({test_input("x", {2}, 0), {id, type, {0}, {1}, {}}}, {1});
}

TestModel dimshuffle(std::vector<std::int32_t> pattern) {
  TestOperator op{kDimshuffle, "Dimshuffle", {0}, {1}, {}};
  op.param_type = fbs::OperatorParam::Dimshuffle;
  op.param = [pattern](Builder& b) {
    return fbs::CreateDimshuffle(b, b.CreateVector(pattern), 2).Union();
  };
  return model_of({test_input("x", {2, 3}, 0), op}, {1});
}

TestModel conv(std::uint32_t format, std::vector<std::uint32_t> inputs) {
  TestOperator op{kConvBias, "ConvBiasForward", std::move(inputs), {2}, {}};
  op.param_type = fbs::OperatorParam::ConvBias;
  op.param = [format](Builder& b) {
    return fbs::CreateConvBias(b, fbs::NonlineMode::IDENTITY, fbs::ConvMode::CROSS_CORRELATION,
                               fbs::ConvSparse::DENSE, format)
        .Union();
  };
  op.output_dtype = kS8;
  TestTensor weight{"", {1, 1, 1, 1}, kS8, {1}};
  return model_of({test_input("x", {1, 1, 2, 2}, 0, kS8), test_constant(weight, 1), op}, {2});
}

std::vector<BadCase> bad_cases() {
  using enum StatusCode;
  const float nan = std::numeric_limits<float>::quiet_NaN();
  std::vector<BadCase> cases{
      {"pickle", sample("megengine_pickled_tensor_v1_1.mge"), unsupported, "Python pickle"},
      {"internal_format", std::string("mgb0001\0\0\0", 10), unsupported, "never published"},
      {"no_graph_in_test_file", std::string("mgbtest0\1\0\0\0nothing", 19), invalid_model,
       "no MegEngine graph begins"},
      {"mgbc_feature_bits", std::string("MGBC\1\0\0\0\0\0\0\0\0\0\0\0", 16), unsupported,
       "features"},
      {"values_beyond_the_file",
       std::string("MGBS\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff", 16) + "abcd", invalid_model,
       "the file ends inside the values"},
      bad("unknown_id", one_operator(0x1234, ""), unsupported, "unknown type id 4660"),
      bad("unknown_id_with_a_name", one_operator(0x1234, "Mystery"), unsupported, "Mystery"),
      bad("tensorrt", one_operator(kTensorRTRuntimeOpr, ""), unsupported, "TensorRTRuntimeOpr"),
      bad("custom_op", one_operator(kCustomOpNode, ""), unsupported, "CustomOpNode"),
      bad("unknown_mode", unary(static_cast<fbs::ElemwiseMode>(999)), invalid_model, "mode 999"),
      bad("gradient_mode", unary(fbs::ElemwiseMode::SIGMOID_GRAD), unsupported, "SIGMOID_GRAD"),
      bad("too_few_operands", unary(fbs::ElemwiseMode::ADD), invalid_model, "input"),
      bad("no_parameter", one_operator(kElemwise, "Elemwise"), invalid_model,
          "lacks its parameter"),
      bad("no_outputs", model_of({test_input("x", {2}, 0)}, {}), invalid_model, "no outputs"),
      bad("output_never_given", model_of({test_input("x", {2}, 0)}, {5}), invalid_model, "value 5"),
      bad("value_given_twice", model_of({test_input("x", {2}, 0), test_input("y", {2}, 0)}, {0}),
          invalid_model, "given twice"),
      bad("value_number_beyond_the_limit", model_of({test_input("x", {2}, 1u << 30)}, {0}),
          resource_exhausted, "limit"),
      bad("input_from_the_future",
          model_of({test_elemwise(fbs::ElemwiseMode::ABS, {1}, 0), test_input("x", {2}, 1)}, {0}),
          invalid_model, "value 1 is used before"),
      bad("same_input_twice", model_of({test_input("x", {2}, 0), test_input("x", {2}, 1)}, {0}),
          invalid_model, "two inputs"),
      bad("input_without_a_name", model_of({test_input("", {2}, 0)}, {0}), invalid_model, "name"),
      bad("input_without_a_shape", model_of({test_input("x", {}, 0)}, {0}), invalid_model, "shape"),
      bad("constant_without_a_value", constant_model({"", {2}, {}, {}}), invalid_model, "no value"),
      bad("constant_too_short", constant_model({"", {2}, {}, {1, 2, 3, 4}}), invalid_model,
          "needs 8 bytes but the file holds 4"),
      bad("four_bits_too_short",
          constant_model({"", {2, 3}, {fbs::DTypeEnum::QuantizedS4, 1.0f}, {1, 2, 3}}),
          invalid_model, "needs 4 bytes"),
      bad("too_many_axes", constant_model({"", {1, 1, 1, 1, 1, 1, 1, 1, 1}, {}, {1, 2, 3, 4}}),
          unsupported, "9 axes"),
      bad("too_many_elements", constant_model({"", {0x80000000u, 0x80000000u}, {}, {1}}),
          resource_exhausted, "elements"),
      bad("image_format", constant_model({"", {1}, {}, {1, 2, 3, 4}, true}), unsupported, "OpenCL"),
      bad("quantised_without_a_scale",
          constant_model({"", {1}, {fbs::DTypeEnum::QuantizedS8}, {1}}), invalid_model,
          "QuantizedS8 comes without a scale"),
      bad("scale_nan", constant_model({"", {1}, {fbs::DTypeEnum::QuantizedS8, nan}, {1}}),
          invalid_model, "scale"),
      bad("scale_negative", constant_model({"", {1}, {fbs::DTypeEnum::QuantizedS8, -1.0f}, {1}}),
          invalid_model, "scale"),
      bad("element_type_unsupported",
          constant_model({"", {1}, {fbs::DTypeEnum::Complex64}, {1, 2, 3, 4}}), unsupported,
          "Complex64"),
      bad("element_type_unknown",
          constant_model({"", {1}, {static_cast<fbs::DTypeEnum>(77)}, {1, 2, 3, 4}}), invalid_model,
          "number 77"),
      bad("dimshuffle_axis", dimshuffle({0, 5}), invalid_model, "axis 5"),
      bad("dimshuffle_axis_twice", dimshuffle({1, 1}), invalid_model, "axis 1"),
      bad("dimshuffle_long", dimshuffle(std::vector<std::int32_t>(100000, -1)), invalid_model,
          "pattern"),
      bad("conv_format_unknown", conv(99, {0, 1}), invalid_model, "format 99"),
      bad("conv_format_unsupported", conv(2, {0, 1}), unsupported, "NHWCD4"),
      bad("conv_not_packed", conv(3, {0, 1}), invalid_model, "NCHW4"),
      bad("conv_without_filter", conv(0, {0}), invalid_model, "inputs"),
      bad("conv_too_many_inputs", conv(0, {0, 1, 1, 0, 0}), invalid_model, "inputs"),
  };
  TestModel future = model_of({test_input("x", {2}, 0)}, {0});
  future.model_version = 3;
  cases.push_back(bad("model_version", future, unsupported, "format version 3"));
  TestModel many = model_of({test_input("x", {2}, 0)}, {0});
  many.operators.push_back(
      test_elemwise(fbs::ElemwiseMode::ADD, std::vector<std::uint32_t>(1'000'001, 0), 1));
  cases.push_back(bad("too_many_inputs", many, resource_exhausted, "1000000 inputs"));
  return cases;
}

class MgeMalformed : public ::testing::TestWithParam<BadCase> {};

TEST_P(MgeMalformed, IsRefused) {
  expect_failure([&] { read(GetParam().content); }, GetParam());
}

INSTANTIATE_TEST_SUITE_P(Files, MgeMalformed, ::testing::ValuesIn(bad_cases()),
                         [](const auto& test) { return test.param.name; });

TEST(MgeMalformed, SaysWhichFileAndOperator) {
  const std::string file = write_v2(unary(fbs::ElemwiseMode::SIGMOID_GRAD));
  expect_failure([&] { read(file); }, StatusCode::unsupported, "SIGMOID_GRAD",
                 "model.mge: operator 1 (Elemwise)");
}

class MgeDamaged : public ::testing::TestWithParam<const char*> {};

TEST_P(MgeDamaged, EveryPrefixIsRefused) {
  const std::string file = sample(GetParam());
  // All short prefixes, then a sample of the long ones.
  for (std::size_t size = 0; size < file.size(); size += size < 4096 ? 1u : 97u) {
    const Status status = failure_of([&] { read(file.substr(0, size)); });
    EXPECT_FALSE(status.ok()) << "the first " << size << " bytes";
  }
}

TEST_P(MgeDamaged, EveryFlippedBitIsReadOrRefused) {
  const std::string file = sample(GetParam());
  const std::size_t bits = 8 * std::min<std::size_t>(file.size(), 4096);
  const std::size_t step = file.size() > 4096 ? 7 : 1;
  for (std::size_t bit = 0; bit < bits; bit += step) {
    std::string damaged = file;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
    static_cast<void>(failure_of([&] { read(damaged); }));
  }
}

TEST_P(MgeDamaged, RandomDamageIsReadOrRefused) { read_damaged(sample(GetParam()), 2000, read); }

INSTANTIATE_TEST_SUITE_P(Samples, MgeDamaged,
                         ::testing::Values("ops/conv3x3_3_8.v1.mge", "ops/conv3x3_3_8.v2.mge",
                                           "ops/slice.v1.mge", "ops/slice.v2.mge",
                                           "ops/resize_align.v2.mge", "ops/index_vec.v1.mge",
                                           "ops/net_nchw4.v1.mge", "ops/net_chwn4.v2.mge",
                                           "ops/net_testcase.v2.mge"),
                         [](const auto& test) {
                           std::string name = std::string(test.param).substr(4);
                           for (char& c : name)
                             if (c == '.') c = '_';
                           return name;
                         });

}  // namespace
}  // namespace octet::test
