#include "passes/arrangement.hpp"

#include "passes/builders.hpp"

namespace octet {
namespace {

using namespace octet::testing;

// A reshape, or a transpose where `permutes`.
struct Move {
  std::vector<std::int64_t> numbers;
  bool permutes = false;
};

struct Row {
  Shape from;
  std::vector<Move> moves;
  std::string kinds;  // the nodes that are left
};

const std::vector<Row> kRows = {
    {{2, 3, 4}, {{{0, 2, 1}, true}, {{0, 2, 1}, true}}, ""},
    {{2, 3, 4}, {{{6, 4}}, {{2, 12}}, {{2, 3, 4}}}, ""},
    {{2, 3, 4}, {{{6, 4}}, {{2, 12}}}, "reshape"},
    {{2, 3, 4}, {{{1, 0, 2}, true}, {{1, 2, 0}, true}}, "transpose"},
    {{2, 3, 4, 5}, {{{0, 2, 3, 1}, true}}, "transpose"},
    // One image: the batch axis is no reason for more nodes.
    {{1, 3, 4, 5}, {{{0, 2, 3, 1}, true}}, "transpose"},
    {{1, 3, 1, 1}, {{{0, 2, 3, 1}, true}}, "reshape"},
    {{2, 3, 4, 5}, {{{0, 2, 3, 1}, true}, {{2, 20, 3}}}, "transpose,reshape"},
    {{2, 3, 20}, {{{2, 3, 4, 5}}, {{0, 2, 3, 1}, true}}, "transpose,reshape"},
    {{6, 4}, {{{2, 3, 4}}, {{1, 0, 2}, true}}, "reshape,transpose"},
    // To NCHW4 and back.
    {{2, 8, 3, 5},
     {{{2, 2, 4, 3, 5}}, {{0, 1, 3, 4, 2}, true}, {{0, 1, 4, 2, 3}, true}, {{2, 8, 3, 5}}},
     ""},
    // To CHWN4, and from there to NCHW4, which is transposed at once.
    {{2, 8, 3, 5},
     {{{2, 2, 4, 3, 5}}, {{1, 3, 4, 0, 2}, true}, {{3, 0, 1, 2, 4}, true}},
     "reshape,transpose"},
    // A channel shuffle is what it is.
    {{2, 6, 5}, {{{2, 3, 2, 5}}, {{0, 2, 1, 3}, true}, {{2, 6, 5}}}, "reshape,transpose,reshape"},
    // Two shuffles that undo each other.
    {{2, 6, 5},
     {{{2, 3, 2, 5}},
      {{0, 2, 1, 3}, true},
      {{2, 6, 5}},
      {{2, 2, 3, 5}},
      {{0, 2, 1, 3}, true},
      {{2, 6, 5}}},
     ""},
};

ValueId add_move(Graph& graph, ValueId x, const Move& move) {
  return move.permutes ? transpose(graph, x, move.numbers) : reshape(graph, x, move.numbers);
}

TEST(Arrangement, FindsTheFewestNodesOfAChain) {
  for (const Row& row : kRows) {
    Graph before, shortened;
    TensorType type{DType::s8, row.from, kNCHW, std::nullopt};
    ValueId x = before.add_input("x", type);
    std::optional<Arrangement> arrangement = Arrangement::of(row.from);
    ASSERT_TRUE(arrangement);
    for (const Move& move : row.moves) {
      x = add_move(before, x, move);
      if (move.permutes) arrangement->transpose(move.numbers);
      else ASSERT_TRUE(arrangement->reshape(before.type(x).shape));
    }
    before.add_output(x, "y");
    const ValueId source = shortened.add_input("x", type);
    shortened.add_output(arrangement->apply(shortened, source), "y");
    EXPECT_EQ(kinds(shortened), row.kinds) << to_text(before);
    expect_same_results(before, {{"shorten", [&](Graph& graph) { graph = shortened; }}});
    // There and back is nothing.
    Graph round;
    const ValueId there = arrangement->apply(round, round.add_input("x", type));
    round.add_output(arrangement->inverse().apply(round, there), "y");
    EXPECT_EQ(round.type(round.outputs()[0].value).shape, row.from);
  }
}

TEST(Arrangement, RefusesReshapesThatCutAcrossAtoms) {
  std::optional<Arrangement> arrangement = Arrangement::of(Shape{4, 6});
  arrangement->transpose(std::vector<std::int64_t>{1, 0});
  EXPECT_FALSE(arrangement->reshape(Shape{4, 6}));
  EXPECT_FALSE(Arrangement::of(Shape{2, 0}));
  // More atoms than a shape has axes.
  arrangement = Arrangement::of(Shape{256, 2});
  EXPECT_TRUE(arrangement->reshape(Shape{2, 2, 2, 2, 2, 2, 4, 2}));
  EXPECT_FALSE(arrangement->reshape(Shape{4, 4, 4, 2, 2, 2}) &&
               arrangement->reshape(Shape{2, 2, 2, 2, 2, 2, 2, 4}));
}

TEST(Arrangement, FollowsOperandsThatBroadcast) {
  std::optional<Arrangement> packed = Arrangement::of(Shape{2, 2, 3, 5, 4});  // from NCHW4
  packed->transpose(std::vector<std::int64_t>{0, 1, 4, 2, 3});
  ASSERT_TRUE(packed->reshape(Shape{2, 8, 3, 5}));
  const auto target = [&](const Shape& operand) -> std::optional<Shape> {
    const auto own = packed->of_operand(operand);
    return own ? std::optional(own->target()) : std::nullopt;
  };
  EXPECT_EQ(target(Shape{1, 2, 1, 1, 4}), (Shape{1, 8, 1, 1}));
  EXPECT_EQ(target(Shape{2, 1, 1, 4}), (Shape{1, 8, 1, 1}));  // a leading axis is missing
  EXPECT_EQ(target(Shape{1}), (Shape{1, 1, 1, 1}));
  EXPECT_EQ(target(Shape{2, 2, 3, 5, 4}), (Shape{2, 8, 3, 5}));
  EXPECT_EQ(target(Shape{4}), std::nullopt);  // a part of the channels
  EXPECT_EQ(target(Shape{3, 1, 1, 1, 1}), std::nullopt);
}

}  // namespace
}  // namespace octet
