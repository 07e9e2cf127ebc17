#include <cmath>
#include <cstring>
#include <limits>

#include "files/mge_builder.hpp"
#include "malformed/bad_files.hpp"

namespace octet::test {
namespace {

constexpr std::size_t kHeaderBytes = 16;  // magic, reserved, bytes of all values

TestModel model_of(std::vector<TestOperator> operators, std::vector<std::uint32_t> outputs) {
  TestModel model;
  model.version = 800400;
  model.operators = std::move(operators);
  model.outputs = std::move(outputs);
  return model;
}

TestOperator input(const std::string& name, std::vector<std::uint32_t> shape = {2},
                   TestDType dtype = {}) {
  TestOperator op = test_input(name, std::move(shape), 0, dtype);
  op.id = kOldHost2DeviceCopy;
  return op;
}

TestOperator constant(TestTensor tensor) {
  TestOperator op = test_constant(std::move(tensor), 0);
  op.id = kOldSharedDeviceTensor;
  return op;
}

TestOperator pooling(std::uint32_t source, std::uint32_t format, std::uint32_t stride = 2) {
  TestOperator op{kOldPooling, "PoolingForward", {source}, {}};
  op.param_type = fbs::OperatorParam::Pooling;
  op.param = [=](Builder& b) {
    return fbs::CreatePooling(b, fbs::PoolingMode::MAXIMUM, 0, 0, stride, stride, 2, 2, format)
        .Union();
  };
  return op;
}

TestModel pooled(std::uint32_t format, std::uint32_t stride = 2) {
  const TestDType s8{fbs::DTypeEnum::QuantizedS8, 1.0f};
  return model_of({input("x", {1, 8, 4, 6}, s8), pooling(0, format, stride)}, {1});
}

std::string file_of(const TestModel& model) { return write_mgbs(model, false); }

// The header of a file whose values take `bytes` bytes.
std::string header(std::uint64_t bytes) {
  std::string text("MGBS\0\0\0\0", 8);
  return text.append(reinterpret_cast<const char*>(&bytes), sizeof bytes);
}

std::string number(std::uint32_t value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

// A graph with one test case.
std::string with_case(const TestModel& graph, const TestModel& values) {
  return "mgbtest0" + number(1) + file_of(graph) + file_of(values);
}

}  // namespace

std::vector<BadCase> bad_mge_v1_files() {
  using enum StatusCode;
  const TestModel good =
      model_of({input("x"), constant({"", {2}, {}, std::vector<std::uint8_t>(8)})}, {1});
  const std::string file = file_of(good);
  const std::string no_values = header(0) + file.substr(kHeaderBytes + 8);
  std::string other_identifier = file;
  other_identifier.replace(other_identifier.find("mgb1"), 4, "mgb7");
  std::string root_outside = file;
  root_outside.replace(kHeaderBytes + 8 + 4, 4, "\xff\xff\xff\x7f");

  const TestModel one_input = model_of({input("x")}, {0});
  const TestModel one_value =
      model_of({constant({"", {2}, {}, std::vector<std::uint8_t>(8)})}, {0});
  const TestModel integers =
      model_of({constant({"", {2}, {fbs::DTypeEnum::Int32}, std::vector<std::uint8_t>(8)})}, {0});
  const auto bad = [](const char* name, const TestModel& model, StatusCode code, const char* part) {
    return BadCase{name, file_of(model), code, part};
  };
  const auto bad_constant = [&](const char* name, const TestTensor& tensor, StatusCode code,
                                const char* part) {
    return bad(name, model_of({constant(tensor)}, {0}), code, part);
  };
  return {
      // --- the container ------------------------------------------------------------------------
      {"v1_internal_format", std::string("mgb0001\0\0\0", 10), unsupported, "never published"},
      {"v1_header_cut", file.substr(0, 6), invalid_model, "ends inside the header"},
      {"v1_value_size_cut", file.substr(0, 12), invalid_model, "ends inside the header"},
      {"v1_values_beyond_the_file", header(~std::uint64_t{0}) + "abcd", invalid_model,
       "ends inside the values"},
      {"v1_no_graph", header(0), invalid_model, "ends inside the size of the graph"},
      {"v1_graph_beyond_the_file", header(0) + "\xff\xff\xff\x7f" + "mgb1", invalid_model,
       "ends inside the graph"},
      {"v1_graph_empty", header(0) + number(0), invalid_model, "\"mgb1\" is damaged"},
      {"v1_graph_of_zeros", header(0) + number(64) + std::string(64, '\0'), invalid_model,
       "\"mgb1\" is damaged"},
      {"v1_other_identifier", other_identifier, invalid_model, "\"mgb1\" is damaged"},
      {"v1_root_outside", root_outside, invalid_model, "\"mgb1\" is damaged"},
      {"v1_values_too_few", no_values, invalid_model, "ends inside a tensor's value"},
      {"mgbc_feature_bits", std::string("MGBC\1\0\0\0\0\0\0\0\0\0\0\0", 16), unsupported,
       "features"},
      {"mgbc_header_cut", "MGBC" + std::string(10, '\0'), invalid_model, "ends inside the header"},
      {"mgbc_no_graph", "MGBC" + std::string(20, '\0'), invalid_model,
       "ends inside the size of the graph"},
      // --- test cases ---------------------------------------------------------------------------
      {"test_no_graph", std::string("mgbtest0\1\0\0\0nothing", 19), invalid_model,
       "no MegEngine graph begins"},
      {"test_count_cut", "mgbtest0\1", invalid_model, "header of its test cases"},
      {"test_missing", "mgbtest0" + number(2) + file_of(one_input) + file_of(one_value),
       invalid_model, "no MegEngine graph begins"},
      {"test_too_few_values", with_case(model_of({input("x"), input("y")}, {0}), one_value),
       invalid_model, "it gives 1 values for 2 inputs"},
      {"test_computed_value", with_case(one_input, one_input), invalid_model,
       "its value 0 is not a constant"},
      {"test_value_of_another_type", with_case(one_input, integers), invalid_model,
       "has the type s32 instead of f32"},
      // --- the graph ----------------------------------------------------------------------------
      bad("v1_unknown_id", model_of({input("x"), {0x1234, "", {0}, {}, {}}}, {1}), unsupported,
          "unknown type id 4660"),
      bad("v1_no_outputs", model_of({input("x")}, {}), invalid_model, "no outputs"),
      bad("v1_output_never_given", model_of({input("x")}, {7}), invalid_model, "value 7"),
      bad("v1_input_from_the_future", model_of({pooling(1, 0), input("x", {1, 8, 4, 6})}, {0}),
          invalid_model, "value 1 is used before"),
      bad("v1_same_input_twice", model_of({input("x"), input("x")}, {0}), invalid_model,
          "two inputs"),
      bad("v1_pooling_of_a_vector", model_of({input("x"), pooling(0, 0)}, {1}), invalid_model,
          "{N,C,H,W} is expected"),
      bad("v1_pooling_stride_zero", pooled(0, 0), invalid_model, "stride"),
      bad("v1_pooling_format_unknown", pooled(99), invalid_model, "format 99"),
      bad("v1_pooling_winograd", pooled(9), unsupported, "NCHW_WINOGRAD"),
      // --- tensors ------------------------------------------------------------------------------
      bad_constant("v1_constant_without_a_value", {"", {2}, {}, {}}, invalid_model, "no value"),
      bad_constant("v1_constant_too_short", {"", {2}, {}, {1, 2, 3, 4}}, invalid_model,
                   "needs 8 bytes but the file holds 4"),
      bad_constant("v1_too_many_axes", {"", {1, 1, 1, 1, 1, 1, 1, 1, 1}, {}, {1, 2, 3, 4}},
                   unsupported, "9 axes"),
      bad_constant("v1_too_many_elements", {"", {0x80000000u, 0x80000000u}, {}, {1}},
                   resource_exhausted, "elements"),
      bad_constant("v1_claims_gigabytes", {"", {0x20000000u}, {}, {1}}, invalid_model,
                   "the file holds 1"),
      bad_constant(
          "v1_scale_infinite",
          {"", {1}, {fbs::DTypeEnum::QuantizedS8, std::numeric_limits<float>::infinity()}, {1}},
          invalid_model, "scale"),
      bad_constant("v1_element_type_unknown",
                   {"", {1}, {static_cast<fbs::DTypeEnum>(77)}, {1, 2, 3, 4}}, invalid_model,
                   "number 77"),
  };
}

}  // namespace octet::test
