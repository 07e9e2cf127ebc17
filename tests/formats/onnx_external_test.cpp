// Tensors stored beside the model: read when allowed, and only beneath the model's folder.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "files/onnx_builder.hpp"

namespace octet::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;

class OnnxExternal : public ::testing::Test {
 protected:
  void SetUp() override {
    root_ = fs::path(::testing::TempDir()) /
            ::testing::UnitTest::GetInstance()->current_test_info()->name();
    fs::remove_all(root_);
    fs::create_directories(root_ / "model" / "data");
    const float values[] = {0.0f, 1.0f, 2.0f};
    std::ofstream(root_ / "model" / "data" / "w.bin", std::ios::binary)
        .write(reinterpret_cast<const char*>(values), sizeof values);
    fs::copy_file(root_ / "model" / "data" / "w.bin", root_ / "outside.bin");
  }
  void TearDown() override { fs::remove_all(root_); }

  // Two floats at byte 4 of `location`.
  static OnnxBuilder model(const std::string& location, const std::string& offset = "4",
                           const std::string& length = "8") {
    OnnxBuilder model;
    model.output("y").node("Identity", {"w"}, {"y"});
    TensorProto& w = *model.graph().add_initializer();
    w.set_name("w");
    w.set_data_type(TensorProto::FLOAT);
    w.add_dims(2);
    w.set_data_location(TensorProto::EXTERNAL);
    for (const auto& [key, value] : {std::pair("location", location), std::pair("offset", offset),
                                     std::pair("length", length)}) {
      auto* entry = w.add_external_data();
      entry->set_key(key);
      entry->set_value(value);
    }
    return model;
  }

  ModelFile read(const OnnxBuilder& model, bool allowed = true) const {
    ReadOptions options;
    options.allow_external_data = allowed;
    return model.read(options, (root_ / "model" / "m.onnx").string());
  }

  void expect_refusal(const OnnxBuilder& model, StatusCode code, bool allowed = true) const {
    try {
      read(model, allowed);
      ADD_FAILURE() << "the model was accepted";
    } catch (const Error& error) {
      EXPECT_EQ(error.status().code(), code) << error.what();
    }
  }

  fs::path root_;
};

TEST_F(OnnxExternal, ReadsAFileBeneathTheModel) {
  const ModelFile file = read(model("data/w.bin"));
  const auto values = file.graph.known(file.graph.outputs()[0].value)->values<float>();
  EXPECT_THAT(std::vector<float>(values.begin(), values.end()), ElementsAre(1.0f, 2.0f));
}

TEST_F(OnnxExternal, NeedsPermission) {
  expect_refusal(model("data/w.bin"), StatusCode::unsupported, false);
}

TEST_F(OnnxExternal, StaysBeneathTheModelsFolder) {
  expect_refusal(model("../outside.bin"), StatusCode::invalid_model);
  expect_refusal(model("data/../../outside.bin"), StatusCode::invalid_model);
  expect_refusal(model((root_ / "outside.bin").string()), StatusCode::invalid_model);
}

TEST_F(OnnxExternal, FollowsNoSymbolicLink) {
  fs::create_symlink(root_ / "outside.bin", root_ / "model" / "link.bin");
  fs::create_directory_symlink(root_, root_ / "model" / "up");
  expect_refusal(model("link.bin"), StatusCode::invalid_model);
  expect_refusal(model("up/outside.bin"), StatusCode::invalid_model);
}

TEST_F(OnnxExternal, TakesRegularFilesAlone) {
  ASSERT_EQ(::mkfifo((root_ / "model" / "pipe").c_str(), 0600), 0);
  expect_refusal(model("pipe"), StatusCode::invalid_model);
  expect_refusal(model("data"), StatusCode::invalid_model);
}

TEST_F(OnnxExternal, ChecksTheRange) {
  expect_refusal(model("data/w.bin", "8"), StatusCode::invalid_model);
  expect_refusal(model("data/w.bin", "18446744073709551615"), StatusCode::invalid_model);
  expect_refusal(model("data/w.bin", "4", "12"), StatusCode::invalid_model);
  expect_refusal(model("data/w.bin", "four"), StatusCode::invalid_model);
  expect_refusal(model("data/w.bin", "-4"), StatusCode::invalid_model);
}

TEST_F(OnnxExternal, NamesAMissingFile) {
  expect_refusal(model("data/absent.bin"), StatusCode::io_error);
  expect_refusal(model(""), StatusCode::invalid_model);
}

}  // namespace
}  // namespace octet::testing
