#include <cmath>
#include <limits>

#include "base/file.hpp"
#include "files/mge_builder.hpp"
#include "malformed/bad_files.hpp"

namespace octet::test {
namespace {

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

// A relayout of as many groups as a small file can claim.
TestModel relayout_of_groups(std::uint32_t groups) {
  TestOperator op{kRelayoutFormat, "RelayoutFormatV1", {0}, {1}, {}};
  op.param_type = fbs::OperatorParam::RelayoutFormat;
  op.param = [groups](Builder& b) {
    return fbs::CreateRelayoutFormat(b, fbs::RelayoutMode::NCHW_NCHW4, 0, groups).Union();
  };
  return model_of({test_input("x", {1, groups, 1, 1}, 0, kS8), op}, {1});
}

}  // namespace

std::vector<BadCase> bad_mge_v2_files() {
  using enum StatusCode;
  const float nan = std::numeric_limits<float>::quiet_NaN();
  std::vector<BadCase> cases{
      {"pickle", sample("megengine_pickled_tensor_v1_1.mge"), unsupported, "Python pickle"},
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
      bad("a_relayout_of_too_many_groups", relayout_of_groups(1u << 30), resource_exhausted,
          "channels in groups"),
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
  const std::string good = write_v2(model_of({test_input("x", {2}, 0)}, {0}));
  std::string other_identifier = good;
  other_identifier[11] = '9';
  std::string root_outside = good;
  root_outside.replace(4, 4, "\xff\xff\xff\x7f");
  cases.push_back({"v2_size_beyond_the_file", "\xff\xff\xff\x7f" + good.substr(4), invalid_model,
                   "ends inside the model"});
  cases.push_back({"v2_cut", good.substr(0, good.size() / 2), invalid_model, "inside the model"});
  cases.push_back({"v2_other_identifier", other_identifier, invalid_model, "known format"});
  cases.push_back({"v2_root_outside", root_outside, invalid_model, "\"mgv2\" is damaged"});
  cases.push_back({"empty", "", invalid_model, "the file is empty"});
  cases.push_back({"text", "this is not a model", invalid_model, "known format"});
  TestModel alias = model_of({test_input("x", {2}, 0)}, {0});
  alias.aliases = {{7, "renamed"}};
  cases.push_back(bad("alias_of_nothing", alias, invalid_model, "\"renamed\" names no output"));
  TestModel future = model_of({test_input("x", {2}, 0)}, {0});
  future.model_version = 3;
  cases.push_back(bad("model_version", future, unsupported, "format version 3"));
  TestModel many = model_of({test_input("x", {2}, 0)}, {0});
  many.operators.push_back(
      test_elemwise(fbs::ElemwiseMode::ADD, std::vector<std::uint32_t>(1'000'001, 0), 1));
  cases.push_back(bad("too_many_inputs", many, resource_exhausted, "1000000 inputs"));
  return cases;
}

}  // namespace octet::test
