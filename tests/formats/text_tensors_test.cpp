// Tensors written as text: JSON files, inline numbers, shapes and random ranges.
#include <gtest/gtest.h>

#include "formats/tensors/fill.hpp"
#include "formats/tensors/inline_numbers.hpp"
#include "formats/tensors/json_tensors.hpp"
#include "support/bytes.hpp"

namespace octet {
namespace {

using test::BadCase;

template <typename T>
std::vector<T> values(const Tensor& tensor) {
  const auto span = tensor.values<T>();
  return {span.begin(), span.end()};
}

std::map<std::string, Tensor> read_json(const std::string& text) {
  return read_json_tensors(test::as_bytes(text), "x.json");
}

TEST(JsonTensors, ReadsEveryTypeByName) {
  const auto tensors = read_json(R"({
    "a": {"shape": [2, 2], "type": "float32", "raw": [1, 2.5, -3e-1, 4]},
    "b": {"raw": [-128, 127], "type": "int8", "shape": [2]},
    "c": {"type": "uint8", "shape": [1, 1], "raw": [255]},
    "d": {"type": "int32", "shape": [], "raw": [-2147483648]},
    "e": {"type": "float", "shape": [0], "raw": []},
    "f": {"type": "int", "shape": [1], "raw": [7]}})");
  ASSERT_EQ(tensors.size(), 6u);
  EXPECT_EQ(tensors.at("a").type().to_string(), "f32{2,2}");
  EXPECT_EQ(values<float>(tensors.at("a")), (std::vector<float>{1.0f, 2.5f, -0.3f, 4.0f}));
  EXPECT_EQ(values<std::int8_t>(tensors.at("b")), (std::vector<std::int8_t>{-128, 127}));
  EXPECT_EQ(values<std::uint8_t>(tensors.at("c")), (std::vector<std::uint8_t>{255}));
  EXPECT_EQ(tensors.at("d").type().to_string(), "s32{}");
  EXPECT_EQ(values<std::int32_t>(tensors.at("d"))[0], std::numeric_limits<std::int32_t>::min());
  EXPECT_EQ(tensors.at("e").type().to_string(), "f32{0}");
  EXPECT_EQ(tensors.at("f").type().to_string(), "s32{1}");
}

TEST(JsonTensors, RoundsFractionsOfIntegersHalfAwayFromZero) {
  const auto tensors = read_json(R"({"a":{"shape":[4],"type":"int8","raw":[0.5,-0.5,1.49,-2.5]}})");
  EXPECT_EQ(values<std::int8_t>(tensors.at("a")), (std::vector<std::int8_t>{1, -1, 1, -3}));
}

Tensor numbers(const std::string& text) { return read_inline_numbers(text, "--input"); }

TEST(InlineNumbers, CountsAxesAsMegEngineDoes) {
  EXPECT_EQ(numbers("0,1,2,3").type().to_string(), "s32{4}");
  EXPECT_EQ(numbers("7").type().to_string(), "s32{1}");
  EXPECT_EQ(numbers("[0,0,227,227]").type().to_string(), "s32{1,4}");
  EXPECT_EQ(numbers("[[1,2],[3,4]]").type().to_string(), "s32{1,2,2}");
  EXPECT_EQ(numbers("[1,2],[3,4],[5,6]").type().to_string(), "s32{3,2}");
  EXPECT_EQ(numbers("[[[1],[2]],[[3],[4]]]").type().to_string(), "s32{1,2,2,1}");
}

TEST(InlineNumbers, APointMakesFloats) {
  const Tensor tensor = numbers(" [ 1. , -2e1,+0.25 ] ");
  EXPECT_EQ(tensor.type().to_string(), "f32{1,3}");
  EXPECT_EQ(values<float>(tensor), (std::vector<float>{1.0f, -20.0f, 0.25f}));
  EXPECT_EQ(values<std::int32_t>(numbers("1e3,-5")), (std::vector<std::int32_t>{1000, -5}));
}

std::vector<BadCase> bad_numbers() {
  constexpr auto kInput = StatusCode::invalid_input;
  return {
      {"empty", "", kInput, "missing at the end"},
      {"blank", " ", kInput, "missing at the end"},
      {"word", "cat.bmp", kInput, "'cat.bmp' is not a number"},
      {"empty_list", "[]", kInput, "']' is not a number"},
      {"comma_last", "1,", kInput, "missing at the end"},
      {"comma_first", ",1", kInput, "',1' is not a number"},
      {"open", "[1,2", kInput, "a '[' has no ']'"},
      {"closed", "1,2]", kInput, "a ']' has no '['"},
      {"closed_twice", "[1]],2", kInput, "a ']' has no '['"},
      {"ragged", "[1,2],[3]", kInput, "a list has 1 items where others have 2"},
      {"ragged_inside", "[[1],[2]],[[3]]", kInput, "a list has 1 items"},
      {"mixed", "1,[2]", kInput, "lists and numbers are mixed"},
      {"mixed_back", "[1],2", kInput, "lists and numbers are mixed"},
      {"mixed_deep", "[1],[[2]]", kInput, "lists and numbers are mixed"},
      {"no_comma", "[1][2]", kInput, "'[' stands at a wrong place"},
      {"two_numbers", "1 2", kInput, "'2' stands at a wrong place"},
      {"infinite", "inf", kInput, "'inf' is not a number"},
      {"not_a_number", "nan.", kInput, "not a number"},
      {"too_large", "1e999", kInput, "too large"},
      {"int_range", "2147483648", kInput, "does not fit s32"},
      {"int_fraction", "1e-1", kInput, "0.1 does not fit s32"},
      {"float_range", "1.0e39", kInput, "does not fit f32"},
      {"rank", std::string(8, '[') + "1" + std::string(8, ']'), StatusCode::unsupported,
       "more than 8 axes"},
      {"deep", std::string(100000, '['), StatusCode::unsupported, "more than 8 axes"},
  };
}

class BadNumbers : public ::testing::TestWithParam<BadCase> {};

TEST_P(BadNumbers, AreRefusedWithASentence) {
  test::expect_failure([&] { (void)numbers(GetParam().content); }, GetParam());
}

INSTANTIATE_TEST_SUITE_P(All, BadNumbers, ::testing::ValuesIn(bad_numbers()),
                         [](const auto& row) { return row.param.name; });

TEST(Fill, AShapeSetsEveryByteToOne) {
  EXPECT_EQ(parse_shape("{2, 3,4}", "--input"), (Shape{2, 3, 4}));
  const Tensor tensor = fill_bytes({DType::s32, Shape{2}, kNCHW, std::nullopt});
  EXPECT_EQ(values<std::int32_t>(tensor), (std::vector<std::int32_t>{0x01010101, 0x01010101}));
}

TEST(Fill, RefusesBrokenShapes) {
  for (const char* text : {"{}", "{", "{1", "{a}", "{1,}", "{0}", "{-1}", "{1}x", "{1.5}"})
    EXPECT_EQ(test::failure_of([&] { (void)parse_shape(text, "--input"); }).code(),
              StatusCode::invalid_input)
        << text;
  EXPECT_EQ(test::failure_of([] { (void)parse_shape("{65536,65536}", "--input"); }).code(),
            StatusCode::resource_exhausted);
}

TEST(Fill, RandomValuesAreFixedBySeedAndStayInRange) {
  const RandomRange range = parse_random_range("rand(-2, 3.5,42)", "--input");
  EXPECT_EQ(range.lowest, -2.0);
  EXPECT_EQ(range.highest, 3.5);
  EXPECT_EQ(range.seed, 42u);
  const Tensor floats = fill_random({DType::f32, Shape{1000}, kNCHW, std::nullopt}, range, "");
  for (const float value : floats.values<float>()) {
    EXPECT_GE(value, -2.0f);
    EXPECT_LE(value, 3.5f);
  }
  // The generator's definition: the same bits on every platform.
  EXPECT_EQ(floats.values<float>()[0], 0x1.0a0fca0000000p+1f);
  const Tensor more = fill_random({DType::f32, Shape{2000}, kNCHW, std::nullopt}, range, "");
  EXPECT_EQ(values<float>(floats)[999], values<float>(more)[999]);
}

TEST(Fill, RandomIntegersTakeEveryValueOfTheRange) {
  const RandomRange range = parse_random_range("rand(-2.5,1.5,1)", "--input");
  const Tensor tensor = fill_random({DType::s8, Shape{1000}, kNCHW, std::nullopt}, range, "");
  std::map<int, int> counts;
  for (const std::int8_t value : tensor.values<std::int8_t>()) ++counts[value];
  ASSERT_EQ(counts.size(), 4u);
  EXPECT_EQ(counts.begin()->first, -2);
  for (const auto& [value, count] : counts) EXPECT_NEAR(count, 250, 60) << value;
}

TEST(Fill, RefusesBrokenRandomRanges) {
  for (const char* text : {"rand()", "rand(0,1)", "rand(0,1,2", "rand(1,0,2)", "rand(0,1,-1)",
                           "rand(0,1,1.5)", "rand(a,1,1)", "rand(0,inf,1)", "rand(0,1,2,3)"})
    EXPECT_EQ(test::failure_of([&] { (void)parse_random_range(text, "--input"); }).code(),
              StatusCode::invalid_input)
        << text;
  const TensorType type{DType::u8, Shape{1}, kNCHW, std::nullopt};
  for (const RandomRange& range :
       {RandomRange{-1, 5, 0}, RandomRange{0, 256, 0}, RandomRange{0.25, 0.75, 0}})
    EXPECT_EQ(test::failure_of([&] { (void)fill_random(type, range, ""); }).code(),
              StatusCode::invalid_input);
}

}  // namespace
}  // namespace octet
