#include "ops/move.hpp"
#include "ops/op_harness.hpp"

namespace octet {
namespace {

using namespace octet::testing;

constexpr auto kBad = StatusCode::invalid_model;

Pad pad(PadMode mode, std::optional<float> mge_value = std::nullopt) {
  Pad op;
  op.mode = mode;
  op.mge_value = mge_value;
  return op;
}

TEST(Pad, PadsAndCropsByMode) {
  struct Row {
    PadMode mode;
    std::vector<std::int64_t> pads;
    std::vector<float> expected;
  };
  const Tensor x = tensor<float>(Shape{3}, {1, 2, 3});
  const std::vector<Row> rows = {
      {PadMode::constant, {2, 1}, {0, 0, 1, 2, 3, 0}},
      {PadMode::constant, {-1, 1}, {2, 3, 0}},
      {PadMode::constant, {1, -3}, {0}},
      {PadMode::edge, {2, 1}, {1, 1, 1, 2, 3, 3}},
      {PadMode::edge, {-1, 1}, {2, 3, 3}},
      {PadMode::reflect, {2, 2}, {3, 2, 1, 2, 3, 2, 1}},
      {PadMode::reflect, {5, 0}, {2, 1, 2, 3, 2, 1, 2, 3}},  // numpy reflects again, too
      {PadMode::reflect, {-2, 1}, {3, 3}},
  };
  for (const Row& row : rows)
    EXPECT_EQ(values<float>(run(pad(row.mode), {x, ints(row.pads)})[0]), row.expected);
}

TEST(Pad, PadsEveryAxis) {
  const Tensor x = counting<std::int16_t>(Shape{2, 2});
  const Tensor value = tensor<std::int16_t>(Shape{}, {9});
  EXPECT_EQ(values<std::int16_t>(run(pad(PadMode::constant), {x, ints({1, 0, 0, 1}), value})[0]),
            (std::vector<std::int16_t>{9, 9, 9, 0, 1, 9, 2, 3, 9}));
}

TEST(Pad, StoresMegEnginesValueAsATypeHoldsIt) {
  const Tensor pads = ints({0, 1});
  const auto last = [&](const Tensor& x, float value) {
    return run(pad(PadMode::constant, value), {x, pads})[0];
  };
  EXPECT_EQ(last(tensor<float>(Shape{1}, {1}), 2.5f).values<float>()[1], 2.5f);
  EXPECT_EQ(last(tensor<std::int32_t>(Shape{1}, {1}), -2.0f).values<std::int32_t>()[1], -2);
  // MegEngine casts to the stored type: neither scale nor zero point matter, and 300 wraps to 44.
  const Quant half = Quant::per_tensor(0.5f), asymmetric = Quant::per_tensor(0.5f, 128);
  EXPECT_EQ(last(tensor<std::int8_t>(Shape{1}, {1}, half), 2.7f).values<std::int8_t>()[1], 2);
  EXPECT_EQ(last(tensor<std::int8_t>(Shape{1}, {1}, half), 300.0f).values<std::int8_t>()[1], 44);
  EXPECT_EQ(last(tensor<std::uint8_t>(Shape{1}, {1}, asymmetric), -1.25f).values<std::uint8_t>()[1],
            255);
}

TEST(Pad, RefusesWhatItCannotFollow) {
  const Tensor x = counting<float>(Shape{2, 3});
  const Tensor empty = counting<float>(Shape{0});
  const Tensor channels = counting<std::int8_t>(Shape{2, 3}, Quant{{1.0f, 2.0f}, {}, 0});
  const std::int64_t most = std::numeric_limits<std::int64_t>::max();
  const std::int64_t least = std::numeric_limits<std::int64_t>::min();
  const OpPtr constant = make_op<Pad>(), reflect = make_op<Pad>(pad(PadMode::reflect)),
              edge = make_op<Pad>(pad(PadMode::edge));
  expect_refusals({
      {constant, {x, ints({1, 1})}, kBad, "2 pads for a value of shape {2,3}"},
      {constant, {x, ints({0, -4, 0, 0})}, kBad, "cannot be padded by -4"},
      {constant, {x, ints({-1, 0, -2, 0})}, kBad, "cannot be padded by -1 and -2"},
      {constant, {x, ints({most, 0, most, 0})}, kBad, "cannot be padded by"},
      {constant, {x, ints({least, 0, 0, 0})}, kBad, "cannot be padded by"},
      {constant, {x, ints({1 << 30, 0, 0, 1 << 30})}, StatusCode::resource_exhausted, "elements"},
      {constant, {x, ints({0, 0, 0, 0}), number(1)}, kBad, "a pad value of type s64{1}"},
      {constant, {x, ints({0, 0, 0, 0})}, StatusCode::unsupported, "\"pads\" is not known", {1}},
      {reflect, {empty, ints({1, 0})}, kBad, "nothing to pad with"},
      {edge, {x, ints({-2, 0, 1, 0})}, kBad, "nothing to pad with"},
      {constant, {channels, ints({0, 0, 1, 0})}, StatusCode::unsupported, "the scales vary"},
  });
}

}  // namespace
}  // namespace octet
