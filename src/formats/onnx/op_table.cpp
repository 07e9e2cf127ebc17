#include "formats/onnx/op_table.hpp"

#include <map>

#include "base/format.hpp"

namespace octet::onnx {
namespace {

using Key = std::pair<std::string_view, std::string_view>;
using Table = std::map<Key, std::vector<const OpRow*>>;

Table make_table() {
  Table table;
  for (const auto family :
       {binary_operators, cast_operators, control_operators, conv_operators, gather_operators,
        generate_operators, integer_operators, matmul_operators, move_operators, norm_operators,
        pool_operators, qlinear_map_operators, qlinear_product_operators, quantize_operators,
        reduce_operators, resize_operators, select_operators, shape_operators, unary_operators})
    for (const OpRow& row : family()) table[{row.domain, row.op_type}].push_back(&row);
  return table;
}

}  // namespace

const OpRow& find_operator(std::string_view domain, std::string_view op_type, std::int64_t opset) {
  static const Table table = make_table();
  const auto found = table.find({domain, op_type});
  const std::string name = domain.empty() ? std::string(op_type) : concat(domain, ".", op_type);
  if (found == table.end())
    throw Error(StatusCode::unsupported,
                concat("the operator ", name, " (opset ", opset, ") is not supported"));
  for (const OpRow* row : found->second)
    if (opset >= row->since && opset <= row->until) return *row;
  std::vector<std::string> ranges;
  for (const OpRow* row : found->second) ranges.push_back(concat(row->since, " to ", row->until));
  throw Error(StatusCode::unsupported, concat("the operator ", name, " is not supported in opset ",
                                              opset, ", only in ", join(ranges)));
}

}  // namespace octet::onnx
