#include <gtest/gtest.h>

#include <cmath>

#include "tiny_model.hpp"

namespace octet {
namespace {

TensorType floats(std::int64_t n) { return {DType::f32, {n}, kNCHW, std::nullopt}; }

Tensor row(std::vector<float> values) {
  return Tensor::from<float>(floats(static_cast<std::int64_t>(values.size())), values);
}

TEST(Model, CountsWhatIsInIt) {
  ModelFile file = tiny_file();
  file.producer = "hand";
  const Model model(std::make_shared<const Model::Impl>(std::move(file), "tiny"));
  EXPECT_EQ(model.info().origin, "tiny");
  EXPECT_EQ(model.info().producer, "hand");
  EXPECT_EQ(model.info().operators,
            (std::map<std::string, std::size_t>{{"cast", 1}, {"pool2d", 1}}));
  EXPECT_EQ(model.info().macs, 0);
}

TEST(Model, ExpectedValuesAreNotInputs) {
  ModelFile file = tiny_file();
  file.graph.add_input("y:expect", {DType::f32, {1, 2, 2, 2}, kNCHW, std::nullopt});
  file.checks.push_back({"assert", "y:expect", "y", 1e-4f, true});
  file.test_cases.push_back({{"x", counting_images(1)}, {"y:expect", row({1, 2})}});
  const Model model(std::make_shared<const Model::Impl>(std::move(file), "tiny"));
  ASSERT_EQ(model.inputs().size(), 1u);
  EXPECT_EQ(model.inputs()[0].name, "x");
  ASSERT_EQ(model.test_cases().size(), 1u);
  EXPECT_EQ(model.test_cases()[0].size(), 2u);
  EXPECT_EQ(model.checks()[0].expected, "y:expect");
}

TEST(Model, RefusesACheckWithoutItsInput) {
  ModelFile file = tiny_file();
  file.checks.push_back({"assert", "nowhere", "y", 1e-4f, true});
  EXPECT_THROW(Model::Impl(std::move(file), "tiny"), Error);
}

TEST(EqualityError, IsRelativeAboveOneAndAbsoluteBelow) {
  EXPECT_EQ(equality_error(row({1, 2}), row({1, 2})), 0.0f);
  EXPECT_EQ(equality_error(row({0.25f}), row({0.5f})), 0.25f);
  EXPECT_EQ(equality_error(row({4}), row({6})), 0.5f);
  EXPECT_TRUE(std::isnan(equality_error(row({1, NAN, 1}), row({1, 1, 9}))));
  EXPECT_THROW(equality_error(row({1}), row({1, 2})), Error);
}

}  // namespace
}  // namespace octet
