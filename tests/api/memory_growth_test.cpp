// The arena of whole networks as their batch grows.
#include <gtest/gtest.h>

#include <octet/session.hpp>

#include "api/model_impl.hpp"
#include "models/make_model.hpp"

namespace octet {
namespace {

class MemoryOfModel : public testing::TestWithParam<std::string_view> {};

TEST_P(MemoryOfModel, GrowsWithTheBatchAndStaysNearItsLeast) {
  ModelOptions options;
  options.image_size = 64;
  options.width = 0.25;
  options.classes = 10;
  const Model model(
      std::make_shared<const Model::Impl>(make_model(GetParam(), options), "made up"));
  const Session session = Session::create(model).value();
  double of_one_image = 0.0;
  for (const std::int64_t batch : {1, 2, 8, 32}) {
    TensorType type = session.inputs()[0].type;
    type.shape[0] = batch;
    const Execution execution = session.prepare({{"data", Tensor(type)}}).value();
    const MemoryInfo& memory = execution.plan().memory;
    const auto arena = static_cast<double>(memory.arena);
    EXPECT_LE(arena, 1.15 * static_cast<double>(memory.least)) << "batch " << batch;
    if (batch == 1) of_one_image = arena;
    EXPECT_LE(arena, 1.02 * of_one_image * static_cast<double>(batch)) << "batch " << batch;
  }
}

INSTANTIATE_TEST_SUITE_P(Networks, MemoryOfModel, testing::ValuesIn(model_names()),
                         [](const auto& name) { return std::string(name.param); });

}  // namespace
}  // namespace octet
