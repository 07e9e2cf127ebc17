#include <gtest/gtest.h>

#include "ops/convert.hpp"
#include "ops/random_values.hpp"

namespace octet {
namespace {

using testing::expect_refusals;
using testing::Random;

const std::vector<Layout> kLayouts{kNCHW, kNHWC, kNCHW4, kNCHW32, kNCHW64, kCHWN4};

Tensor in_layout(const Tensor& x, const Layout& layout) {
  TensorType type = x.type();
  type.layout = layout;
  Tensor y(type);
  copy_layout(x, y);
  return y;
}

TEST(Relayout, PutsEveryElementWhereItsOffsetSays) {
  Random random(7);
  const Tensor x = random.tensor(DType::s8, {2, 6, 3, 5}, Quant::per_tensor(1.0f));
  for (const Layout& layout : kLayouts) {
    const Tensor y = in_layout(x, layout);
    for (std::int64_t n = 0; n < 2; ++n)
      for (std::int64_t c = 0; c < 6; ++c)
        for (std::int64_t h = 0; h < 3; ++h)
          for (std::int64_t w = 0; w < 5; ++w)
            ASSERT_EQ(
                y.values<std::int8_t>()[static_cast<std::size_t>(offset_of(y.type(), n, c, h, w))],
                x.values<std::int8_t>()[static_cast<std::size_t>(offset_of(x.type(), n, c, h, w))])
                << to_string(layout);
  }
}

TEST(Relayout, AnyTwoLayoutsConvertBothWays) {
  Random random(8);
  for (const DType dtype : {DType::u8, DType::s32, DType::f32})
    for (const Layout& a : kLayouts)
      for (const Layout& b : kLayouts) {
        const Tensor x = in_layout(random.tensor(dtype, {3, 5, 2, 4}), a);
        const Tensor back = in_layout(in_layout(x, b), a);
        EXPECT_TRUE(std::equal(x.data(), x.data() + x.bytes(), back.data()))
            << to_string(a) << " to " << to_string(b);
      }
}

TEST(Relayout, AddedChannelsAreZeroPoints) {
  const Tensor x = testing::tensor<std::uint8_t>({1, 1, 1, 2}, {1, 2}, Quant::per_tensor(1, 99));
  EXPECT_EQ(testing::values<std::uint8_t>(in_layout(x, kNCHW4)),
            (std::vector<std::uint8_t>{1, 99, 99, 99, 2, 99, 99, 99}));
  // Dirty memory does not show through.
  TensorType type = x.type();
  type.layout = kCHWN4;
  Tensor y(type);
  std::fill_n(y.mutable_data(), y.bytes(), std::byte{0x55});
  copy_layout(x, y);
  EXPECT_EQ(testing::values<std::uint8_t>(y),
            (std::vector<std::uint8_t>{1, 99, 99, 99, 2, 99, 99, 99}));
}

TEST(Relayout, RefusesWhatHasNoLayout) {
  Relayout op;
  op.layout = kNCHW4;
  EXPECT_EQ(testing::infer(op, {testing::counting<float>({1, 2, 3, 4})})[0].layout, kNCHW4);
  Relayout odd;
  odd.layout = Layout{{'N', 'C', 'H', 'W'}, 0};
  Relayout twisted;
  twisted.layout = Layout{{'N', 'N', 'H', 'W'}, 1};
  const Tensor x = testing::counting<float>({1, 2, 3, 4});
  expect_refusals({
      {make_op<Relayout>(op),
       {testing::counting<float>({2, 3})},
       StatusCode::invalid_model,
       "it needs {N,C,H,W}"},
      {make_op<Relayout>(op), {}, StatusCode::invalid_model, "0 inputs"},
      {make_op<Relayout>(odd), {x}, StatusCode::unsupported, "layout NCHW"},
      {make_op<Relayout>(twisted), {x}, StatusCode::unsupported, "layout NNHW"},
  });
}

}  // namespace
}  // namespace octet
