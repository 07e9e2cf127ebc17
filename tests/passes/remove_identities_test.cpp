#include "passes/remove_identities.hpp"

#include "ops/image.hpp"
#include "passes/builders.hpp"

namespace octet {
namespace {

using namespace octet::testing;

using Build = ValueId (*)(Graph& graph, ValueId x);

// x is f32 {2,3,4,5}; a negation stands on both sides, so that only the operator can go.
Graph around(Build build) {
  Graph graph;
  const ValueId x = graph.add_input("x", f32({2, 3, 4, 5}));
  const ValueId before = elementwise(graph, ElementwiseMode::negate, {x});
  graph.add_output(elementwise(graph, ElementwiseMode::negate, {build(graph, before)}), "y");
  return graph;
}

struct Row {
  const char* what;
  Build build;
};

template <typename Op>
ValueId add(Graph& graph, Op op, std::vector<ValueId> inputs) {
  return graph.add(make_op<Op>(std::move(op)), std::move(inputs));
}

Subtensor subtensor(SubtensorItem item) {
  Subtensor op;
  op.items = {item};
  return op;
}

const std::vector<Row> kIdentities = {
    {"identity", [](Graph& g, ValueId x) { return add(g, Identity{}, {x}); }},
    {"cast", [](Graph& g, ValueId x) { return add(g, Cast{}, {x}); }},
    {"reshape",
     [](Graph& g, ValueId x) {
       return reshape(g, x, {2, 3, -1, 5});
     }},
    {"squeeze", [](Graph& g, ValueId x) { return add(g, Squeeze{}, {x}); }},
    {"expand",
     [](Graph& g, ValueId x) {
       return add(g, Expand{}, {x, add_ints(g, {1, 5})});
     }},
    {"transpose",
     [](Graph& g, ValueId x) {
       return transpose(g, x, {0, 1, -2, 3});
     }},
    {"tile",
     [](Graph& g, ValueId x) {
       return add(g, Tile{}, {x, add_ints(g, {1, 1, 1, 1})});
     }},
    {"pad",
     [](Graph& g, ValueId x) {
       return add(g, Pad{}, {x, add_ints(g, std::vector<std::int64_t>(8, 0))});
     }},
    {"slice",
     [](Graph& g, ValueId x) {
       return add(g, Slice{}, {x, add_ints(g, {0}), add_ints(g, {99}), add_ints(g, {2})});
     }},
    {"subtensor",
     [](Graph& g, ValueId x) {
       return add(g, subtensor({1, true, false, true, false}),
                  {x, add_ints(g, {0}), add_ints(g, {1})});
     }},
    {"concat", [](Graph& g, ValueId x) { return add(g, Concat{}, {x}); }},
    {"split",
     [](Graph& g, ValueId x) {
       return add(g, Split{}, {x, add_ints(g, {2})});
     }},
    {"resize",
     [](Graph& g, ValueId x) {
       return add(g, Resize{}, {x, kNoValue, add_ints(g, {2, 3, 4, 5})});
     }},
    {"elementwise identity",
     [](Graph& g, ValueId x) { return elementwise(g, ElementwiseMode::identity, {x}); }},
};

TEST(RemoveIdentities, RemovesWhatChangesNothing) {
  for (const Row& row : kIdentities) {
    SCOPED_TRACE(row.what);
    const Graph graph = around(row.build);
    const Graph smaller = expect_same_results(graph, {remove_identities_pass()});
    EXPECT_EQ(kinds(smaller), "elementwise,elementwise");
  }
}

// Operators whose output has the type of the input, but not its elements.
const std::vector<Row> kOthers = {
    {"transpose",
     [](Graph& g, ValueId x) {
       return reshape(g, transpose(g, reshape(g, x, {2, 3, 2, 2, 5}), {0, 1, 3, 2, 4}),
                      {2, 3, 4, 5});
     }},
    {"pad",
     [](Graph& g, ValueId x) {
       return add(g, Pad{}, {x, add_ints(g, {0, 0, 1, 0, 0, 0, -1, 0})});
     }},
    {"slice",
     [](Graph& g, ValueId x) {
       return add(g, Slice{},
                  {x, add_ints(g, {-1}), add_ints(g, {-99}), add_ints(g, {2}), add_ints(g, {-1})});
     }},
    {"subtensor",
     [](Graph& g, ValueId x) {
       return add(g, subtensor({1, false, false, true, false}), {x, add_ints(g, {-1})});
     }},
    {"resize",
     [](Graph& g, ValueId x) {
       const std::vector<float> scales{1, 1, 1.1f, 1};
       const ValueId value = g.add_constant(Tensor::from<float>(f32({4}), scales));
       return add(g, Resize{}, {x, value});
     }},
};

TEST(RemoveIdentities, KeepsWhatOnlyKeepsTheType) {
  for (const Row& row : kOthers) {
    SCOPED_TRACE(row.what);
    const Graph graph = around(row.build);
    const Graph same = after({remove_identities_pass()}, graph);
    EXPECT_EQ(kinds(same), kinds(graph));
  }
}

TEST(RemoveIdentities, ConnectsAnInputToAnOutput) {
  Graph graph;
  const ValueId x = graph.add_input("x", s8({2, 3}, 0.5f));
  const ValueId same = convert(graph, x, DType::s8, Quant::per_tensor(0.5f));
  graph.add_output(graph.add(make_op<Identity>(), {same}), "y");
  const Graph smaller = after({remove_identities_pass()}, graph);
  EXPECT_EQ(kinds(smaller), "");
  EXPECT_EQ(smaller.outputs()[0].value, smaller.inputs()[0]);
  EXPECT_EQ(smaller.outputs()[0].name, "y");
}

TEST(RemoveIdentities, KeepsConversionsThatChangeTheScale) {
  Graph graph;
  const ValueId x = graph.add_input("x", s8({2, 3}, 0.5f));
  graph.add_output(convert(graph, x, DType::s8, Quant::per_tensor(0.25f)), "y");
  EXPECT_EQ(kinds(after({remove_identities_pass()}, graph)), "convert");
}

}  // namespace
}  // namespace octet
