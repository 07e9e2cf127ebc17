// Valid files that were cut short or damaged: read or refused with an Error, never harm. What harm
// is, the sanitizers tell.
#include <gtest/gtest.h>

#include <ctime>

#include "base/file.hpp"
#include "files/npy_bytes.hpp"
#include "files/onnx_builder.hpp"
#include "files/picture_bytes.hpp"
#include "malformed/bad_files.hpp"

namespace octet::test {
namespace {

struct GoodFile {
  std::string name, extension, content;

  friend void PrintTo(const GoodFile& file, std::ostream* out) { *out << file.name; }
};

GoodFile dump(const std::string& name) {
  const std::string path = std::string(OCTET_TEST_DATA) + "/megengine/ops/" + name + ".mge";
  std::string label = "mge_" + name;
  label.replace(label.find('.'), 1, "_");
  return {label, "mge", to_text(read_file(path))};
}

GoodFile onnx_model() {
  octet::testing::OnnxBuilder model;
  model.constant<float>("s", {4}, {1, 2, 3, 4});
  model.input("x", {1, 4, 6, 6})
      .output("y", octet::testing::TensorProto::UINT8)
      .node("QuantizeLinear", {"x", "s"}, {"y"});
  return {"onnx", "onnx", model.bytes()};
}

std::vector<GoodFile> good_files() {
  const std::string words = std::string("\1\0\2\0\3\0\4\0", 8);
  return {
      dump("conv3x3_3_8.v1"),
      dump("conv3x3_3_8.v2"),
      dump("slice.v1"),
      dump("net_testcase.v2"),
      onnx_model(),
      {"npy", "npy", npy(npy_header("<i2", "(2, 2)", "True"), words)},
      {"ppm", "ppm", "P6 1 2 255\nabcdef"},
      {"png", "png", png(2, 2, 8, 0, "abcd", 2)},
      {"jpeg_grey", "jpg", jpeg({80})},
      {"jpeg_colour", "jpg", jpeg({80, -80, 7})},
      {"jpeg_progressive", "jpg", jpeg({80}, true)},
      {"jpeg_progressive_colour", "jpg", jpeg({80, -80, 7}, true)},
      {"json", "json", R"({"a": {"shape": [2, 2], "type": "uint8", "raw": [1, 2.5, 3e1, 4]}})"},
  };
}

std::string name_of(const ::testing::TestParamInfo<GoodFile>& test) { return test.param.name; }

Status status_of(const GoodFile& file, const std::string& content) {
  return failure_of([&] { read_file_of(file.extension, content); });
}

class WholeFile : public ::testing::TestWithParam<GoodFile> {};

TEST_P(WholeFile, IsRead) {
  const Status status = status_of(GetParam(), GetParam().content);
  EXPECT_TRUE(status.ok()) << status.to_string();
}

TEST_P(WholeFile, EveryPrefixIsRefused) {
  const GoodFile& file = GetParam();
  double slowest = 0.0;
  for (std::size_t size = 0; size < file.content.size(); ++size) {
    const std::clock_t start = std::clock();
    const Status status = status_of(file, file.content.substr(0, size));
    slowest = std::max(slowest, static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC);
    const StatusCode code = status.code();
    EXPECT_TRUE(code == StatusCode::invalid_model || code == StatusCode::invalid_input)
        << "the first " << size << " bytes: " << status.to_string();
    EXPECT_FALSE(status.message().empty());
  }
  EXPECT_LT(slowest, 1.0);
}

TEST_P(WholeFile, RandomDamageIsReadOrRefused) {
  read_damaged(GetParam().content, 2000,
               [&](const std::string& content) { read_file_of(GetParam().extension, content); });
}

TEST_P(WholeFile, EveryFlippedBitIsReadOrRefused) {
  const GoodFile& file = GetParam();
  const std::size_t bits = 8 * std::min<std::size_t>(file.content.size(), 4096);
  const std::size_t step = file.content.size() > 4096 ? 7 : 1;
  for (std::size_t bit = 0; bit < bits; bit += step) {
    std::string damaged = file.content;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
    EXPECT_NE(status_of(file, damaged).code(), StatusCode::internal) << "bit " << bit;
  }
}

INSTANTIATE_TEST_SUITE_P(Good, WholeFile, ::testing::ValuesIn(good_files()), name_of);

// Larger ones with packed layouts, index lists and resizing: random damage alone.
class Dump : public ::testing::TestWithParam<GoodFile> {};

TEST_P(Dump, RandomDamageIsReadOrRefused) {
  read_damaged(GetParam().content, 1000,
               [](const std::string& content) { read_file_of("mge", content); });
}

INSTANTIATE_TEST_SUITE_P(More, Dump,
                         ::testing::Values(dump("slice.v2"), dump("resize_align.v2"),
                                           dump("index_vec.v1"), dump("net_nchw4.v1"),
                                           dump("net_chwn4.v2")),
                         name_of);

}  // namespace
}  // namespace octet::test
