#include "malformed/bad_files.hpp"

namespace octet::test {

std::vector<BadCase> bad_json_files() {
  constexpr auto kInput = StatusCode::invalid_input;
  constexpr auto kUnsupported = StatusCode::unsupported;
  constexpr auto kLimit = StatusCode::resource_exhausted;
  const auto tensor = [](const std::string& shape, const std::string& type,
                         const std::string& raw) {
    return R"({"a":{"shape":)" + shape + R"(,"type":)" + type + R"(,"raw":)" + raw + "}}";
  };
  const std::string f = "\"float32\"";
  return {
      {"empty", "", kInput, "not valid JSON"},
      {"no_tensor", "{}", kInput, "holds no tensor"},
      {"list", "[1]", kInput, "a list stands at a wrong place"},
      {"number", "1", kInput, "a number stands at a wrong place"},
      {"null", R"({"a":null})", kInput, "null stands"},
      {"cut", tensor("[1]", f, "[1]").substr(0, 30), kInput, "not valid JSON"},
      {"after", tensor("[1]", f, "[1]") + "x", kInput, "not valid JSON"},
      {"second_value", tensor("[1]", f, "[1]") + "{}", kInput, "not valid JSON"},
      {"shape_missing", R"({"a":{"type":"int","raw":[1]}})", kInput, "'shape', 'type' or 'raw'"},
      {"raw_missing", R"({"a":{"type":"int","shape":[1]}})", kInput, "is missing"},
      {"type_missing", R"({"a":{"raw":[1],"shape":[1]}})", kInput, "is missing"},
      {"key_unknown", R"({"a":{"data":[1]}})", kInput, "the key 'data' is not"},
      {"key_twice", R"({"a":{"raw":[1],"raw":[1]}})", kInput, "'raw' stands twice"},
      {"name_twice", R"({"a":{"raw":[1],"shape":[1],"type":"int"},"a":{}})", kInput,
       "name stands twice"},
      {"type_unknown", tensor("[1]", "\"float64\"", "[1]"), kUnsupported, "'float64'"},
      {"type_number", tensor("[1]", "7", "[1]"), kInput, "a number stands"},
      {"shape_text", tensor("\"1\"", f, "[1]"), kInput, "a text stands"},
      {"shape_number", tensor("1", f, "[1]"), kInput, "a number stands"},
      {"extent_negative", tensor("[-1]", f, "[1]"), kInput, "negative extent -1"},
      {"extent_fraction", tensor("[1.0]", f, "[1]"), kInput, "a fraction stands"},
      {"extent_huge", tensor("[18446744073709551615]", f, "[1]"), kLimit, "above the limit"},
      {"elements", tensor("[2147483647,2147483647,2147483647]", f, "[1]"), kLimit, "elements"},
      {"rank", tensor("[1,1,1,1,1,1,1,1,1]", f, "[1]"), kUnsupported, "more than 8 axes"},
      {"too_few", tensor("[2]", f, "[1]"), kInput, "{2} does not hold the 1 numbers"},
      {"too_many", tensor("[2]", f, "[1,2,3]"), kInput, "does not hold the 3 numbers"},
      {"bomb", tensor("[2147483647]", f, "[1]"), kInput, "does not hold the 1 numbers"},
      {"raw_nested", tensor("[2]", f, "[[1,2]]"), kInput, "a list stands"},
      {"raw_truth", tensor("[1]", f, "[true]"), kInput, "a truth value"},
      {"raw_text", tensor("[1]", f, "[\"1\"]"), kInput, "a text stands"},
      {"int8_range", tensor("[1]", "\"int8\"", "[128]"), kInput, "128 does not fit s8"},
      {"uint8_negative", tensor("[1]", "\"uint8\"", "[-1]"), kInput, "-1 does not fit u8"},
      {"float_range", tensor("[1]", f, "[1e39]"), kInput, "does not fit f32"},
      {"number_range", tensor("[1]", f, "[1e999]"), kInput, "not valid JSON"},
      {"deep", std::string(100000, '['), kInput, "a list stands"},
      {"deep_objects", R"({"a":{"shape":)" + std::string(1000, '{'), kInput, "an object stands"},
  };
}

}  // namespace octet::test
