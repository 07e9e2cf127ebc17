// AssertEqual, with which a file checks its own results.
#include "formats/mge/lower.hpp"

namespace octet::mge {
namespace {

// AssertEqual(expect, got, err). The expected value comes from the file's test case; it and the
// operators that compute err leave the graph, and the check is told beside it.
std::vector<ValueId> lower_assert_equal(Context& context) {
  constexpr std::string_view kSuffix = ":expect";
  context.expect_inputs(3, 3);
  const auto& p = context.param<fbs::AssertEqual>();
  const Value& expected = context.graph().value(context.input(0));
  if (!expected.is_input)
    unsupported("an AssertEqual whose expected value is computed is not supported");
  EqualityCheck check;
  check.expected = expected.name;
  check.output = expected.name;
  if (check.output.size() > kSuffix.size() && check.output.ends_with(kSuffix))
    check.output.resize(check.output.size() - kSuffix.size());
  check.name = context.name.empty() ? concat("AssertEqual of ", check.output) : context.name;
  check.max_error = p.maxerr();
  check.verbose = p.verbose();
  context.output_name = check.output;
  context.state.model.checks.push_back(std::move(check));
  return {context.input(1)};
}

constexpr OperatorRow kRows[] = {
    {"AssertEqual", lower_assert_equal},
};

}  // namespace

std::span<const OperatorRow> check_operators() { return kRows; }

}  // namespace octet::mge
