#include <sstream>

#include "base/format.hpp"
#include "ir/graph.hpp"

namespace octet {
namespace {

class TextVisitor final : public AttributeVisitor {
 public:
  explicit TextVisitor(std::ostream& out) : out_(out) { out_.precision(9); }
  void text(std::string_view name, std::string_view value) override { put(name) << value; }
  void integer(std::string_view name, std::int64_t value) override { put(name) << value; }
  void number(std::string_view name, double value) override { put(name) << value; }
  void integers(std::string_view name, std::span<const std::int64_t> values) override {
    put(name) << join(values, ",");
  }

 private:
  std::ostream& put(std::string_view name) { return out_ << ' ' << name << '='; }
  std::ostream& out_;
};

std::string reference(const Graph& graph, ValueId id) {
  if (id == kNoValue) return "-";
  const Value& value = graph.value(id);
  if (value.name.empty()) return concat("%", id);
  return concat("%", id, "(", value.name, ")");
}

void write(const Graph& graph, const std::string& indent, std::ostream& out);

void write_node(const Graph& graph, const Node& node, const std::string& indent,
                std::ostream& out) {
  out << indent;
  for (std::size_t i = 0; i < node.outputs.size(); ++i)
    out << (i == 0 ? "" : ", ") << reference(graph, node.outputs[i]) << " : "
        << graph.type(node.outputs[i]).to_string();
  out << " = " << to_text(*node.op) << " (";
  for (std::size_t i = 0; i < node.inputs.size(); ++i)
    out << (i == 0 ? "" : ", ") << reference(graph, node.inputs[i]);
  out << ")  # " << node.name << '\n';
  if (const Graph* inner = node.op->inner()) write(*inner, indent + "  ", out);
}

void write(const Graph& graph, const std::string& indent, std::ostream& out) {
  for (const ValueId id : graph.inputs())
    out << indent << "input " << reference(graph, id) << " : " << graph.type(id).to_string()
        << '\n';
  for (std::size_t i = 0; i < graph.value_count(); ++i) {
    const auto id = static_cast<ValueId>(i);
    if (graph.value(id).is_constant())
      out << indent << "constant " << reference(graph, id) << " : " << graph.type(id).to_string()
          << '\n';
  }
  for (const NodeId id : graph.order()) write_node(graph, graph.node(id), indent, out);
  for (const GraphOutput& output : graph.outputs())
    out << indent << "output " << output.name << " = " << reference(graph, output.value) << '\n';
}

}  // namespace

std::string to_text(const Op& op) {
  std::ostringstream out;
  out << op.kind();
  TextVisitor visitor(out);
  op.visit(visitor);
  return std::move(out).str();
}

std::string to_text(const Graph& graph) {
  std::ostringstream out;
  write(graph, "", out);
  return std::move(out).str();
}

}  // namespace octet
