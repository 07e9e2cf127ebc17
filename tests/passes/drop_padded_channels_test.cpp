#include "passes/drop_padded_channels.hpp"

#include "ops/conv.hpp"
#include "passes/builders.hpp"

namespace octet {
namespace {

using namespace octet::testing;

struct PaddedConv : ::testing::Test {
  Graph graph;
  ValueId x = graph.add_input("x", s8({2, 3, 6, 5}, 0.05f));

  ValueId pad(std::vector<std::int64_t> pads) {
    Pad op;
    op.mge_value = 7.0f;  // what the filter multiplies by zero
    return graph.add(make_op<Pad>(op), {x, add_ints(graph, pads)});
  }
  // With a filter that is zero from input channel `used` on.
  void conv(ValueId from, std::int64_t used, std::int64_t groups = 1) {
    const std::int64_t channels = graph.type(from).shape[1] / groups;
    Random random(3);
    Tensor filter = random_tensor(random, s8({4, channels, 3, 3}, 0.01f));
    std::int64_t i = 0;
    for (std::int8_t& v : filter.mutable_values<std::int8_t>())
      if (i++ / 9 % channels >= used) v = 0;
      else if (v == 0) v = 1;
    Conv2d op;
    op.window.pad = {1, 1, 1, 1};
    op.groups = groups;
    op.output = octet::testing::s8(2.0f);
    graph.add_output(graph.add(make_op<Conv2d>(op), {from, graph.add_constant(filter)}), "y");
  }
  std::string kinds_after() {
    return kinds(expect_same_results(graph, {drop_padded_channels_pass()}));
  }
};

TEST_F(PaddedConv, ReadsWhatIsInFrontOfThePad) {
  conv(pad({0, 0, 0, 0, 0, 1, 0, 0}), 3);
  EXPECT_EQ(kinds_after(), "conv2d");
}

TEST_F(PaddedConv, ReadsTheFirstPartOfAConcat) {
  Concat op;
  op.axis = -3;
  conv(graph.add(make_op<Concat>(op), {x, add_random(graph, s8({2, 5, 6, 5}, 0.05f))}), 3);
  EXPECT_EQ(kinds_after(), "conv2d");
}

TEST_F(PaddedConv, KeepsChannelsThatTheFilterUses) {
  conv(pad({0, 0, 0, 0, 0, 2, 0, 0}), 4);
  EXPECT_EQ(kinds_after(), "pad,conv2d");
}

TEST_F(PaddedConv, KeepsOtherPads) {
  conv(pad({0, 1, 0, 0, 0, 0, 0, 0}), 3);
  EXPECT_EQ(kinds_after(), "pad,conv2d");
}

TEST_F(PaddedConv, KeepsPadsOfRows) {
  conv(pad({0, 0, 0, 0, 0, 1, 2, 0}), 3);
  EXPECT_EQ(kinds_after(), "pad,conv2d");
}

TEST_F(PaddedConv, LeavesGroupsAlone) {
  conv(pad({0, 0, 0, 0, 0, 1, 0, 0}), 1, 2);
  EXPECT_EQ(kinds_after(), "pad,conv2d");
}

TEST_F(PaddedConv, KnowsAFiltersZeroPoint) {
  const ValueId padded = pad({0, 0, 0, 0, 0, 1, 0, 0});
  TensorType type{DType::u8, {2, 4, 1, 1}, kNCHW, Quant::per_tensor(0.01f, 128)};
  const std::uint8_t filter[] = {1, 2, 3, 128, 4, 5, 6, 128};
  Conv2d op;
  op.output = octet::testing::s8(2.0f);
  const ValueId w = graph.add_constant(Tensor::from<std::uint8_t>(type, filter));
  graph.add_output(graph.add(make_op<Conv2d>(op), {padded, w}), "y");
  EXPECT_EQ(kinds_after(), "conv2d");
}

}  // namespace
}  // namespace octet
